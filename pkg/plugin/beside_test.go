package plugin

import (
	"context"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// sideBySide is a store whose trace comes only when the links to it were asked for.
type sideBySide struct {
	fakeStore
	asked chan span.TraceID
	of    []span.TraceID // whose links were asked for
	after bool           // the trace does not wait
}

func (s *sideBySide) Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error) {
	if !s.after {
		select {
		case id := <-s.asked:
			s.of = append(s.of, id)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.fakeStore.Trace(ctx, q)
}

func (s *sideBySide) LinkedFrom(ctx context.Context, id span.TraceID) ([]store.LinkFrom, error) {
	if s.after {
		s.of = append(s.of, id)
	} else {
		s.asked <- id
	}
	return s.fakeStore.LinkedFrom(ctx, id)
}

func TestLinksAreAskedForWhileTheTraceIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query string
		after bool // its trace's id is known only when it was read
	}{
		"a trace": {traceID, false},
		"a span":  {"0000000000000006", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sideBySide{fakeStore: fakeStore{trace: call(t), linked: []store.LinkFrom{{Service: "worker", Start: start}}}, asked: make(chan span.TraceID, 1), after: c.after}
			i := newInstance(&s.fakeStore)
			i.store = s
			res := ask(t, i, `{"queryType":"trace","query":"`+c.query+`"}`)
			if res.Error != nil {
				t.Fatal(res.Error)
			}
			from := res.Frames[0].Meta.Custom.(flameMeta).LinkedFrom
			if len(from) != 1 || from[0].Service != "worker" || len(s.of) != 1 || s.of[0].String() != traceID {
				t.Errorf("links %+v, asked for %v", from, s.of)
			}
		})
	}
}

// A trace that other ids lead to has the links of its own.
func TestLinksAreThoseOfTheTraceThatWasFound(t *testing.T) {
	t.Parallel()
	s := &sideBySide{fakeStore: fakeStore{trace: call(t), linked: []store.LinkFrom{{Service: "worker", Start: start}}}, after: true}
	i := newInstance(&s.fakeStore)
	i.store = s
	const other = "0123456789abcdef0123456789abcdef"
	if res := ask(t, i, `{"queryType":"trace","query":"`+other+`"}`); res.Error != nil {
		t.Fatal(res.Error)
	}
	if len(s.of) != 2 || s.of[0].String() != other || s.of[1].String() != traceID {
		t.Errorf("asked for the links of %v", s.of)
	}
}
