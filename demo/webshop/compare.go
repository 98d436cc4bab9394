package webshop

import (
	"encoding/json"
	"fmt"

	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/test/compare"
)

// compare notes how the trace differs from the reference, and whether the one known excuse
// accounts for it.
func (t *checked) compare() error {
	d, err := compare.Traces(tracetest.ExpectedJSON(), t.JSON)
	if err != nil {
		return err
	}
	if t.Differences, t.Excuse = d, ""; len(d) == 0 {
		return nil
	}
	t.Excuse, err = t.endedEarly()
	return err
}

// endedEarly looks for a SQL statement that hangs one span too high because the SDK's
// CLIENT span ended, by its own clock, before the statement was written: time.Now reads the
// wall clock and then the monotonic one, and a thread that is preempted between the two
// makes a span that ends early by that time. If putting the statement back under that span
// makes the trace exact, it says so; otherwise it says nothing.
func (t *checked) endedEarly() (string, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(t.JSON, &document); err != nil {
		return "", err
	}
	var spans []map[string]any
	if err := json.Unmarshal(document["spans"], &spans); err != nil {
		return "", err
	}
	why := ""
	for i := range t.Doc.Spans {
		sql := &t.Doc.Spans[i]
		if sql.Source != "SYS" || sql.Point != "c-p" || sql.Protocol != "MySQL" || sql.Parent == nil {
			continue
		}
		for j := range t.Doc.Spans {
			client := &t.Doc.Spans[j]
			if client.Kind == "CLIENT" && client.Parent != nil && *client.Parent == *sql.Parent && client.Start <= sql.Start && client.End < sql.Start {
				spans[i]["parent"] = client.ID
				why = fmt.Sprintf("%s hangs one span too high: its CLIENT span %s ended %d ns before the statement was written", sql.ID, client.ID, sql.Start-client.End)
			}
		}
	}
	if why == "" {
		return "", nil
	}
	moved, err := json.Marshal(map[string]any{"trace_id": t.Doc.TraceID, "spans": spans})
	if err != nil {
		return "", err
	}
	left, err := compare.Traces(tracetest.ExpectedJSON(), moved)
	if err != nil || len(left) > 0 {
		return "", err
	}
	return why, nil
}
