package apm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/completion"
	"github.com/throughline-io/throughline/server/lookup"
)

// Asking is the header of a request to an APM. One that is Throughline itself answers what it has, and
// asks nobody in turn.
const Asking = "Throughline-Asking"

// maxTraces is how many traces the APMs are asked about, where spans of several hang together.
const maxTraces = 4

// Joined is a store whose traces have the code that APMs have.
type Joined struct {
	lookup.Store
	// Around is the store, asked for what agents saw around that code.
	Around completion.Store
	APMs   *APMs
}

// Trace reads a trace and adds the code of it that is elsewhere. Truncated says which APM did not answer.
func (j Joined) Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error) {
	_, joined, said, err := j.read(ctx, q)
	if err != nil || joined == nil || len(said) == 0 {
		return joined, err
	}
	with := *joined
	if with.Truncated != "" {
		said = append([]string{with.Truncated}, said...)
	}
	with.Truncated = strings.Join(said, "; ")
	return &with, nil
}

// Elsewhere is what Trace adds to what is stored, for who has read that. Truncated is of the APMs alone.
func (j Joined) Elsewhere(ctx context.Context, q store.TraceQuery) (*store.TraceData, error) {
	stored, joined, said, err := j.read(ctx, q)
	if err != nil {
		return nil, err
	}
	added := *joined
	known := make(map[*span.Span]bool, len(stored.Spans))
	for _, s := range stored.Spans {
		known[s] = true
	}
	added.Spans = nil
	for _, s := range joined.Spans {
		if !known[s] {
			added.Spans = append(added.Spans, s)
		}
	}
	added.Truncated = strings.Join(said, "; ")
	return &added, nil
}

// read is what is stored of a trace, that with what is elsewhere, and what is to be said of it.
func (j Joined) read(ctx context.Context, q store.TraceQuery) (stored, joined *store.TraceData, said []string, err error) {
	data, err := j.Store.Trace(ctx, q)
	missing := errors.Is(err, store.ErrNotFound)
	if !lookup.Asks(ctx) || err != nil && !missing {
		return data, data, nil, err
	}
	if stored = data; missing {
		stored = &store.TraceData{}
	}
	asked, more := questions(q.ID, stored)
	if len(asked) == 0 {
		return data, data, nil, err
	}
	all := j.APMs.ask(ctx, asked)
	if ctx.Err() != nil {
		return nil, nil, nil, ctx.Err()
	}
	code, said := together(all, stored)
	if missing && len(code.Spans) == 0 {
		if failure := firstFailure(all); failure != nil {
			return nil, nil, nil, &lookup.Error{Status: http.StatusBadGateway, Text: fmt.Sprintf("%v, and %s", err, strings.Join(said, "; "))}
		}
		return nil, nil, nil, err
	}
	if more > 0 {
		said = append(said, fmt.Sprintf("spans of %d traces hang together here, and APMs are asked about %d", more+maxTraces, maxTraces))
	}
	if joined = stored; len(code.Spans) > 0 {
		if joined, err = code.join(ctx, j.Around, stored, q.MaxSpans); err != nil {
			return nil, nil, nil, lookup.OfStore(err)
		}
	}
	return stored, joined, said, nil
}

// questions are the traces of spans that were read; where there are none, the one that the id is of.
func questions(id string, data *store.TraceData) (list []question, more int) {
	at := map[span.TraceID]int{}
	for _, s := range data.Spans {
		k, known := at[s.TraceID]
		switch {
		case s.TraceID.IsZero():
			continue
		case !known && len(list) == maxTraces:
			at[s.TraceID] = -1
			more++
			continue
		case !known:
			k = len(list)
			at[s.TraceID] = k
			list = append(list, question{id: s.TraceID})
		}
		if k >= 0 && list[k].text == "" {
			list[k].text = skyWalkingText(s)
		}
	}
	if len(data.Spans) == 0 {
		if any, err := span.ParseAnyID(id); err == nil {
			list = append(list, question{id: any.Trace})
		}
	}
	return list, more
}

// skyWalkingText is SkyWalking's id of the span's trace, which a request that carries it says, and so
// does code that its agent sent here.
func skyWalkingText(s *span.Span) string {
	if text, ok := strings.CutPrefix(s.TraceState, span.SkyWalkingState); ok {
		return text
	}
	for _, a := range s.Attributes {
		if a.Key == "sw8.trace_id" {
			return a.Value
		}
	}
	return ""
}

func firstFailure(all []found) error {
	for _, f := range all {
		if r := because(f.err); r != answered && r != none {
			return f.err
		}
	}
	return nil
}
