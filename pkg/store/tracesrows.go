package store

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/throughline-io/throughline/pkg/span"
)

// rows reads the spans of all traces that were chosen.
func (w *walks) rows(ctx context.Context) error {
	var places []place
	of := map[span.GroupID][]*TraceData{}
	for _, one := range w.each {
		if one.trace == nil {
			continue
		}
		places = append(places, one.places...)
		for _, g := range one.graph.inside {
			of[g] = append(of[g], one.trace)
		}
	}
	type member struct {
		*TraceData
		spanKey
	}
	known := map[member]int{} // in its trace
	decoder := newSpanRows()
	sql := spansOf(decoder.shape())
	limit := 2 * w.query.MaxTotal // they may have grown since they were counted
	for part := range slices.Chunk(places, placesAtOnce) {
		w.statements++
		read := 0
		p := params{"places": formatPlaces(part), "limit": formatUint(uint64(limit))}
		err := w.store.read(ctx, sql, p, fastRead, decoder.results, func(rows int) error {
			read += rows
			for _, s := range decoder.append(nil, rows) {
				s.TraceState, s.Rest, s.Links, s.StatusMessage, s.ScopeName, s.ScopeVersion = "", "", "", "", "", "" // packed with what is wanted
				for _, t := range of[s.Group()] {
					k := member{t, spanKey{s.ID, s.Start, s.Source}}
					if at, met := known[k]; !met {
						known[k] = len(t.Spans)
						t.Spans = append(t.Spans, s)
					} else if before := t.Spans[at]; tellsMore(s.Status, before.Status, s.Duration, before.Duration) {
						t.Spans[at] = s
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if read >= limit {
			return fmt.Errorf("the traces grew beyond %d spans while they were read: ask again", limit)
		}
	}
	return nil
}

// names reads the entities that the spans refer to, and who looked at their addresses, for
// all traces together.
func (w *walks) names(ctx context.Context) error {
	var all []uint64
	var spans []*span.Span
	for _, one := range w.each {
		if one.trace != nil {
			all = append(all, one.trace.entityIDs()...)
			spans = append(spans, one.trace.Spans...)
		}
	}
	var entities map[uint64]span.Entity
	var watched Watched
	var n [2]int
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		entities, n[0], err = w.store.readEntities(ctx, distinct(all))
		return err
	})
	group.Go(func() (err error) {
		watched, n[1], err = w.store.watched(ctx, spans)
		return err
	})
	err := group.Wait()
	w.statements += n[0] + n[1]
	if err != nil {
		return err
	}
	for _, one := range w.each {
		if one.trace == nil {
			continue
		}
		one.trace.Entities, one.trace.Watched = map[uint64]span.Entity{}, watched
		for _, id := range distinct(one.trace.entityIDs()) {
			if e, ok := entities[id]; ok {
				one.trace.Entities[id] = e
			}
		}
	}
	return nil
}

func (t *TraceData) entityIDs() []uint64 {
	ids := make([]uint64, 0, 3*len(t.Spans))
	for _, s := range t.Spans {
		ids = append(ids, s.Entity, s.ClientEntity, s.ServerEntity)
	}
	return ids
}
