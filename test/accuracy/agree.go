package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
)

// compared is how many traces of a figure are asked of the HTTP API, too.
const compared = 20

// compare asks the HTTP API for some of the traces; differs is how many it tells otherwise than they were scored.
func (p *product) compare(ctx context.Context, ids []uint64) (differs int, err error) {
	for range min(compared, len(ids)) {
		id := span.FormatID(ids[rand.IntN(len(ids))])
		read, err := p.store.Traces(ctx, store.TracesQuery{IDs: []string{id}})
		if err != nil {
			return differs, err
		}
		data := read.Traces[id]
		if data == nil {
			continue
		}
		body, err := p.get(ctx, "/api/v1/traces/"+id, nil)
		if err != nil {
			return differs, err
		}
		var told trace.Printed
		if err := json.Unmarshal(body, &told); err != nil {
			return differs, fmt.Errorf("trace %s: %w", id, err)
		}
		if !sameLinks(told.Spans, trace.Print(assemble(data), entitiesOf(data)).Spans) {
			differs++
		}
	}
	return differs, nil
}

func sameLinks(a, b []trace.PrintedSpan) bool {
	if len(a) != len(b) {
		return false
	}
	type link struct{ parent, confidence trace.Text }
	links := map[string]link{}
	for _, s := range a {
		links[s.ID] = link{s.Parent, s.Confidence}
	}
	for _, s := range b {
		if l, ok := links[s.ID]; !ok || l != (link{s.Parent, s.Confidence}) {
			return false
		}
	}
	return true
}
