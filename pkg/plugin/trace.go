package plugin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/record"
)

// maxSpans is the largest trace that is sent to a browser. What lies beyond is said.
const maxSpans = 200_000

// assembled is a trace as it was read, and its tree.
type assembled struct {
	id       string // as asked for
	data     *store.TraceData
	tree     *trace.Tree
	entities map[uint64]*span.Entity // of data: looked up several times for each span

	durations map[store.Hop]store.Histogram // of its kinds of spans in the day before; nil: not known
}

// queryTrace is one trace, for the flame graph, for Grafana's trace view, or for both.
func (i *Instance) queryTrace(ctx context.Context, q query) backend.DataResponse {
	if q.View != "" && q.View != "flame" && q.View != "trace" && q.View != "both" {
		return failed(badInput(fmt.Errorf("view %q is not known: use flame, trace or both", q.View)))
	}
	if strings.TrimSpace(q.Query) == "" {
		return failed(badInput(fmt.Errorf("no trace is asked for: give the id of a trace (up to 32 hex digits) or of one of its spans (up to 16)")))
	}
	t, err := i.assembleFor(ctx, q)
	if err != nil {
		return failed(err)
	}
	i.recent.add(t)
	var frames data.Frames
	if q.View != "trace" {
		frame := flameFrame(t)
		meta := frame.Meta.Custom.(flameMeta)
		meta.Datasource = i.uid
		frame.Meta.Custom = meta
		frames = append(frames, frame)
	}
	if q.View == "trace" || q.View == "both" {
		frames = append(frames, exploreFrame(t))
	}
	return backend.DataResponse{Frames: frames}
}

// assembleFor reads and assembles a query's trace, with what stands beside it where it is shown.
func (i *Instance) assembleFor(ctx context.Context, q query) (*assembled, error) {
	asked, err := readID(q.Query)
	if err != nil {
		return nil, err
	}
	if q.View == "trace" {
		return i.assemble(ctx, asked)
	}
	b := beside{i: i}
	defer b.group.Wait()
	besideCtx, leave := context.WithCancel(ctx)
	defer leave()
	if asked.Span.IsZero() {
		b.askLinks(besideCtx, asked.Trace)
	}
	read, err := i.read(ctx, asked)
	if err != nil {
		return nil, err
	}
	b.askDurations(besideCtx, read.Spans)
	t := assemble(asked.String(), read)
	defer time.AfterFunc(besideTimeout, leave).Stop()
	b.add(besideCtx, t)
	return t, nil
}

// assemble reads a trace by its id, or by the id of one of its spans.
func (i *Instance) assemble(ctx context.Context, asked span.AnyID) (*assembled, error) {
	read, err := i.read(ctx, asked)
	if err != nil {
		return nil, err
	}
	return assemble(asked.String(), read), nil
}

// read is what is stored of a trace and what APMs have of it, who are asked meanwhile; empty where that is nothing. An APM that
// cannot be asked costs what it may have.
func (i *Instance) read(ctx context.Context, asked span.AnyID) (*store.TraceData, error) {
	type answer struct {
		elsewhere *record.Recording
		err       error
	}
	there := make(chan answer, 1)
	askCtx, leave := context.WithCancel(ctx)
	defer leave()
	go func() {
		e, err := i.elsewhere.ask(askCtx, asked.String())
		there <- answer{e, err}
	}()
	read, err := i.stored(ctx, asked)
	if err != nil {
		return nil, err
	}
	switch a := <-there; {
	case a.err != nil:
		return saying(read, fmt.Sprintf("the server could not be asked what APMs have of it: %v", a.err)), nil
	case a.elsewhere != nil:
		return with(read, a.elsewhere), nil
	}
	return read, nil
}

// stored is an empty trace where nothing is stored of it.
func (i *Instance) stored(ctx context.Context, asked span.AnyID) (*store.TraceData, error) {
	id := asked.String()
	read, err := i.store.Trace(ctx, store.TraceQuery{ID: id, MaxSpans: maxSpans})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &store.TraceData{}, nil // it says so
	case errors.Is(err, store.ErrMalformed):
		return nil, badInput(err)
	case err != nil:
		return nil, fmt.Errorf("read the trace: %w", err)
	}
	return read, nil
}

func assemble(id string, read *store.TraceData) *assembled {
	t := &assembled{id: id, data: read, entities: make(map[uint64]*span.Entity, len(read.Entities))}
	for id, e := range read.Entities {
		t.entities[id] = &e
	}
	options := trace.Options{Entities: t.entity, Complete: read.Complete}
	if read.Watched != nil {
		options.Watched = read.Watched.At
	}
	t.tree = trace.Assemble(read.Spans, options)
	return t
}

// traceID is the id that most of the spans carry, else what was asked for.
func (t *assembled) traceID() string {
	if id := t.tree.TraceID(); !id.IsZero() {
		return id.String()
	}
	return t.id
}

// start is the earliest start of a span, by the clock of its own node.
func (t *assembled) start() int64 { return earliest(t.tree.Spans) }

func earliest(spans []*span.Span) int64 {
	start := int64(0)
	for _, s := range spans {
		if start == 0 || s.Start < start {
			start = s.Start
		}
	}
	return start
}

// entity is nil where the id is not known.
func (t *assembled) entity(id uint64) *span.Entity { return t.entities[id] }

// notices are what the user should know of how the trace was read.
func (t *assembled) notices() []data.Notice {
	var out []data.Notice
	if len(t.tree.Spans) == 0 {
		out = append(out, data.Notice{Severity: data.NoticeSeverityWarning,
			Text: fmt.Sprintf("No span of trace %s is stored. It may be too old (see the store's retention), not have arrived yet, or belong to another data source.", t.id)})
	}
	if t.data.Truncated != "" {
		out = append(out, data.Notice{Severity: data.NoticeSeverityWarning, Text: "Not all spans are shown: " + t.data.Truncated})
	}
	return out
}
