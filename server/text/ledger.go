package text

import (
	"cmp"
	"fmt"
	"io"
	"time"
)

// LedgerRow is one line of the ledger, as the API answers it: a count since the start of a
// run of the agent, or an interval.
type LedgerRow struct {
	Agent  string `json:"agent"` // "server": the server's own
	Node   string `json:"node,omitempty"`
	Boot   uint64 `json:"boot,string"`
	Time   int64  `json:"time"` // when the server heard it, Unix nanoseconds
	Stage  string `json:"stage"`
	Source string `json:"source,omitempty"`
	What   string `json:"what"`
	Count  uint64 `json:"count"`
	From   int64  `json:"from,omitempty"` // of an interval, Unix nanoseconds
	To     int64  `json:"to,omitempty"`
}

// Ledger is the answer of /api/v1/ledger.
type Ledger struct {
	Rows []LedgerRow `json:"rows"`
}

// Print prints the ledger as a table.
func (l *Ledger) Print(w io.Writer, colour Colour) error {
	rows := make([][]string, 0, len(l.Rows))
	for i := range l.Rows {
		r := &l.Rows[i]
		count := fmt.Sprint(r.Count)
		if r.To != 0 {
			count = Duration(r.To - r.From)
		}
		when := ""
		if r.To != 0 {
			when = moment(r.From) + " to " + moment(r.To)
		}
		rows = append(rows, []string{Clean(r.Agent), Clean(r.Stage), cmp.Or(Clean(r.Source), "-"), Clean(r.What), count, when})
	}
	return table(w, colour, []string{"AGENT", "STAGE", "SOURCE", "WHAT", "COUNT", ""}, rows, 4)
}

func moment(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000") }
