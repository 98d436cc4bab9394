package text

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// Found is a span that a search found, as the API answers it, or a trace by the span that
// stands for it: its root, or the earliest span where the root is not stored.
type Found struct {
	ID       string `json:"id"`
	TraceID  string `json:"trace_id"` // "" where the span has no trace context: use ID
	SpanID   string `json:"span_id"`
	Source   string `json:"source"`
	Point    string `json:"observation_point"`
	Kind     string `json:"kind"`
	Start    int64  `json:"start"` // Unix nanoseconds
	Duration int64  `json:"duration"`
	Service  string `json:"service"`
	Client   string `json:"client"`
	Server   string `json:"server"`
	Protocol string `json:"protocol"`
	Request  string `json:"request"`
	Resource string `json:"request_resource"`
	Status   string `json:"status"`
	Code     int32  `json:"code"`
	Node     string `json:"node"`
	Message  string `json:"message,omitempty"` // why it failed, as it says

	Trace *FoundTrace `json:"trace,omitempty"` // of scope roots
}

// FoundTrace is the trace of a row.
type FoundTrace struct {
	Rootless bool   `json:"rootless,omitempty"`
	Spans    int    `json:"spans"`
	Errors   int    `json:"errors"`
	Failed   *Found `json:"failed,omitempty"` // the span that failed first
	Matched  int    `json:"matched"`          // spans that the filters match, 0 without filters
	Match    *Found `json:"match,omitempty"`  // the first of them
}

// FoundSpans is the answer to a search.
type FoundSpans struct {
	Spans   []Found `json:"spans"`   // newest first
	Limited bool    `json:"limited"` // there may be more than asked for
	// Until is how far the search came (Unix ns): the same one with it as "to" goes on. Not there:
	// everything was looked at.
	Until int64 `json:"until,omitempty"`
	// LeftOut says what was not read, Nothing why there are no spans, in words.
	LeftOut []string `json:"left_out,omitempty"`
	Nothing []string `json:"nothing,omitempty"`
}

// Search prints what a search found, one line each. TRACE is what `trace get` takes.
func Search(w io.Writer, found *FoundSpans, colour Colour) error {
	header := []string{"START (UTC)", "DURATION", "TRACE", "SRC", "POINT", "SERVICE", "REQUEST", "STATUS"}
	traces := len(found.Spans) > 0 && found.Spans[0].Trace != nil
	right := []int{1}
	if traces {
		header, right = append(header, "SPANS", "ERRORS", "MATCHED"), append(right, 8, 9)
	}
	header = append(header, "CLIENT → SERVER")
	rows := make([][]string, 0, len(found.Spans))
	for i := range found.Spans {
		s := &found.Spans[i]
		ends := ""
		if s.Client != "" || s.Server != "" {
			ends = Clean(s.Client + " → " + s.Server)
		}
		status := Clean(s.Status)
		if s.Code != 0 {
			status = fmt.Sprintf("%s %d", status, s.Code)
		}
		row := []string{
			time.Unix(0, s.Start).UTC().Format("2006-01-02 15:04:05.000"), Duration(s.Duration), cmp.Or(s.TraceID, s.ID), s.Source, s.Point,
			Clean(s.Service), shorten(Clean(s.Request), nameWidth), status,
		}
		if traces {
			row = append(row, fmt.Sprint(s.Trace.Spans), fmt.Sprint(s.Trace.Errors), s.Trace.matched())
		}
		rows = append(rows, append(row, ends))
	}
	if err := table(w, colour, header, rows, right...); err != nil {
		return err
	}
	if len(found.Nothing) > 0 {
		_, err := fmt.Fprintf(w, "nothing was found: %s\n", Clean(strings.Join(found.Nothing, "; ")))
		return err
	}
	return nil
}

// matched is which span the filters match, and how many.
func (t *FoundTrace) matched() string {
	if t.Match == nil {
		return ""
	}
	words := shorten(Clean(strings.TrimSpace(t.Match.Service+" "+t.Match.Request)), nameWidth)
	if t.Matched > 1 {
		words += fmt.Sprintf(" and %d more", t.Matched-1)
	}
	return words
}
