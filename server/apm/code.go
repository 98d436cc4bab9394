package apm

import (
	"context"
	"fmt"
	"maps"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/completion"
)

// together is what the APMs have and the store has not, each span once, and what is to be said of it.
func together(all []found, stored *store.TraceData) (*Code, []string) {
	code := &Code{Resources: map[uint64]span.Resource{}, Entities: map[uint64]span.Entity{}}
	known := map[identity]bool{}
	for _, s := range stored.Spans {
		if s.Source == span.APP {
			known[identity{s.TraceID, s.SpanID, s.Kind}] = true
		}
	}
	var said []string
	for _, f := range all {
		if r := because(f.err); r != answered {
			if r != none {
				said = append(said, fmt.Sprintf("the code that %s may have is missing: it %v", f.name, f.err))
			}
			continue
		}
		maps.Copy(code.Resources, f.code.Resources)
		maps.Copy(code.Entities, f.code.Entities)
		for _, why := range f.code.LeftOut {
			said = append(said, fmt.Sprintf("of the code of %s was left out: %s", f.name, why))
		}
		for _, s := range f.code.Spans {
			if own := (identity{s.TraceID, s.SpanID, s.Kind}); !known[own] {
				known[own] = true
				code.Spans = append(code.Spans, s)
			}
		}
	}
	return code, said
}

// join adds the code to a trace. Whose it is agents know better than its resource says; that is taken
// where they saw nothing of it.
func (c *Code) join(ctx context.Context, around completion.Store, stored *store.TraceData, most int) (*store.TraceData, error) {
	own := make([]uint64, len(c.Spans))
	for i, s := range c.Spans {
		own[i], s.Entity = s.Entity, 0
	}
	joined, err := completion.Join(ctx, around, stored, c.Spans, most)
	if err != nil {
		return nil, err
	}
	for i, s := range c.Spans {
		if s.Entity == 0 {
			s.Entity = own[i]
		}
	}
	for id, e := range c.Entities {
		if _, known := joined.Entities[id]; !known {
			joined.Entities[id] = e
		}
	}
	for id, r := range c.Resources {
		if _, known := joined.Resources[id]; !known {
			joined.Resources[id] = r
		}
	}
	return joined, nil
}
