package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Limits of one call of layers. Rows beyond them are answered with the reason.
const (
	maxLayerRows  = 200    // rows asked for
	maxLayerSpans = 5_000  // of one trace
	maxLayerTotal = 50_000 // of all traces of the call
	maxLayerBody  = 64 << 10
	maxLayerNames = 64 // services of one row
)

// layersQuestion is what POST layers is asked: where the time of some rows of a search went.
type layersQuestion struct {
	// Of says whose time: of the whole "trace" (default), as its header has it, or of the row's
	// "request" and what it caused.
	Of   string      `json:"of"`
	Rows []layersRow `json:"rows"`
}

// layersRow is a row by its fields trace and span.
type layersRow struct {
	Trace string `json:"trace"`
	Span  string `json:"span"`
}

// layersAnswer has an answer for each row, in the order of the question.
type layersAnswer struct {
	Rows       []rowLayers `json:"rows"`
	Notices    []string    `json:"notices"` // what was not read, and why
	Statements int         `json:"statements"`
}

// rowLayers is where the time of a row went, in ns: the numbers that the header of its trace
// shows.
type rowLayers struct {
	Duration int64         `json:"duration"` // the sum of the layers
	Layers   trace.Layers  `json:"layers"`
	Services []serviceTime `json:"services,omitempty"` // code, kernel and waiting time by owner, most first
	Names    []string      `json:"names,omitempty"`    // all services of the trace: colours depend on them
	Counts   counts        `json:"counts"`             // of the whole trace
	Trace    int64         `json:"trace"`              // duration of the whole trace
	Sentence string        `json:"sentence,omitempty"`
	// Remarks are what must be known beside the sentence, the first failure among them.
	Remarks []trace.Remark `json:"remarks,omitempty"`
	Reason  string         `json:"reason,omitempty"` // why there is nothing of the above
	Later   bool           `json:"later,omitempty"`  // it did not fit into this answer: ask again
}

// serviceTime is what one service holds of a row.
type serviceTime struct {
	Service string `json:"service"`
	Code    int64  `json:"code"`
	Kernel  int64  `json:"kernel"`
	Waiting int64  `json:"waiting,omitempty"` // for a peer
}

// layersResource is POST layers. The traces of all rows are read together.
func (i *Instance) layersResource(r *http.Request) (any, error) {
	q, err := readLayersQuestion(r)
	if err != nil {
		return nil, badInput(err)
	}
	ids := make([]string, len(q.Rows))
	for n, row := range q.Rows {
		ids[n] = row.Trace
	}
	read, err := i.store.Traces(r.Context(), store.TracesQuery{IDs: ids, MaxSpans: maxLayerSpans, MaxTotal: maxLayerTotal})
	if err != nil {
		return nil, fmt.Errorf("read the traces of %d rows: %w", len(ids), err)
	}
	a := layersAnswer{Rows: make([]rowLayers, len(q.Rows)), Notices: []string{}, Statements: read.Statements}
	trees := make(map[*store.TraceData]*assembled, len(read.Traces))
	for n, row := range q.Rows {
		data := read.Traces[row.Trace]
		if data == nil {
			a.Rows[n] = unread(read, row.Trace)
			continue
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		t := trees[data]
		if t == nil {
			t = assemble(row.Trace, data)
			trees[data] = t
		}
		a.Rows[n] = t.layers(q.Of, row.Span)
	}
	if n := len(read.TooLarge); n > 0 {
		a.Notices = append(a.Notices, fmt.Sprintf("Bars are not split of %s with more than %d spans. A click shows where the time went.", words.Count(n, "trace"), maxLayerSpans))
	}
	return a, nil
}

func readLayersQuestion(r *http.Request) (layersQuestion, error) {
	var q layersQuestion
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxLayerBody))
	if err != nil || json.Unmarshal(body, &q) != nil {
		return q, fmt.Errorf(`the question cannot be read: want {"of": "trace", "rows": [{"trace": ..., "span": ...}]}, at most %d rows`, maxLayerRows)
	}
	if q.Of != "" && q.Of != "trace" && q.Of != "request" {
		return q, fmt.Errorf("layers of %.40q are not known: use trace or request", q.Of)
	}
	if len(q.Rows) > maxLayerRows {
		return q, fmt.Errorf("%d rows are too many: ask for at most %d at once", len(q.Rows), maxLayerRows)
	}
	for n := range q.Rows {
		id, err := readID(q.Rows[n].Trace)
		if err != nil {
			return q, brief(fmt.Errorf("row %d: %w", n, err))
		}
		q.Rows[n].Trace = id.String()
	}
	return q, nil
}

// unread says why a row's trace is not there.
func unread(read *store.TracesData, id string) rowLayers {
	if spans, ok := read.TooLarge[id]; ok {
		return rowLayers{Reason: fmt.Sprintf("%d spans: too many to split the bar in a list", spans)}
	}
	if slices.Contains(read.Left, id) {
		return rowLayers{Later: true}
	}
	return rowLayers{Reason: "no span of its trace is stored"}
}

// layers is where the time of the trace went, or that of the request that a span is.
func (t *assembled) layers(of, id string) rowLayers {
	row := int32(-1)
	if of == "request" {
		asked, err := readSpanID(id)
		if err == nil {
			row = int32(t.spanOf(asked))
		}
		if row < 0 {
			return rowLayers{Reason: "the request is not in its trace"}
		}
	}
	if len(t.tree.Spans) == 0 {
		return rowLayers{Reason: "no span of its trace is stored"}
	}
	whole := trace.Where(t.tree, 0, 0, -1)
	where := whole
	if row >= 0 {
		where = trace.Where(t.tree, 0, 0, row)
	}
	c := t.tree.Counts()
	out := rowLayers{
		Duration: where.Duration, Layers: where.Layers, Sentence: where.Sentence, Remarks: where.Remarks, Trace: whole.Duration,
		Counts: counts{c.APP, c.SYS, c.NET}, Names: t.serviceNames(),
	}
	for _, s := range where.Services {
		if s.Code+s.Kernel+s.Waiting > 0 && len(out.Services) < maxLayerNames {
			out.Services = append(out.Services, serviceTime{s.Service, s.Code, s.Kernel, s.Waiting})
		}
	}
	return out
}

// serviceNames are the services as the panel has them.
func (t *assembled) serviceNames() []string {
	known := map[string]bool{"": true}
	var names []string
	for _, s := range t.tree.Spans {
		if name := t.place(s).service; !known[name] && len(names) < maxLayerNames {
			known[name] = true
			names = append(names, name)
		}
	}
	return names
}
