package trace_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Where all requests of the process are at hand, a SERVER span that does not say who called it hangs
// under the only one in which it starts.

var complete = trace.Options{Complete: true}

// served is a request to the order pod from a client's port.
func (sc *scene) served(name string, from, to float64, seq uint32, port string) *span.Span {
	return sc.hop(name, from, to, sp, "a", seq, web+port, order+":80")
}

func TestAServerWithoutCallerBelongsToItsOnlyRequest(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.served("earlier", 0, 1, 100, ":4000")
	sc.served("request", 2, 5, 200, ":4001")
	sc.app("handler", 3, 4, span.KindServer, 1, 0, order)
	sc.wantBy(complete, `
		request
		  handler (inferred)
		earlier
	`)
	sc.want(`
		request
		earlier
		handler
	`)
}

func TestAServerWithoutCallerIsNotGuessed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(sc *scene, handler *span.Span){
		"two requests at a time":     func(sc *scene, _ *span.Span) { sc.served("other", 2.5, 4.9, 300, ":4002") },
		"two handlers in a request":  func(sc *scene, _ *span.Span) { sc.app("second", 3.5, 3.6, span.KindServer, 2, 0, order) },
		"another path":               func(_ *scene, h *span.Span) { h.Protocol, h.Resource = "HTTP", "/y" },
		"of a client":                func(_ *scene, h *span.Span) { h.Kind = span.KindClient },
		"another pod":                func(_ *scene, h *span.Span) { h.PodIP = addr(web) },
		"the request names a caller": func(sc *scene, _ *span.Span) { carries(9, sc.spans[0]) },
		"it was called by known code": func(sc *scene, h *span.Span) {
			sc.app("caller", 1, 6, span.KindClient, 3, 0, web)
			h.ParentSpanID = spanID(3)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			request := sc.served("request", 2, 5, 200, ":4001")
			handler := sc.app("handler", 3, 4, span.KindServer, 1, 0, order)
			change(sc, handler)
			tree := trace.Assemble(sc.spans, complete)
			for i, s := range tree.Spans {
				if s == handler && tree.Parent[i] >= 0 && tree.Spans[tree.Parent[i]] == request {
					t.Errorf("the handler hangs under the request: %s", tree.Reason[i])
				}
			}
		})
	}
}

// asks says what a request or its code is of.
func asks(s *span.Span, method, resource string, code int32) *span.Span {
	s.Protocol, s.Type, s.Resource, s.Code = "HTTP", method, resource, code
	return s
}

// Where not all requests of the process are at hand it must be known to be of the same.
func TestAServerWithoutCallerBelongsToTheRequestThatAsksForTheSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(sc *scene, handler *span.Span)
		want   bool
	}{
		"alone":              {func(*scene, *span.Span) {}, true},
		"another at once":    {func(sc *scene, _ *span.Span) { asks(sc.served("other", 2.5, 4.9, 300, ":4002"), "GET", "/y", 200) }, true},
		"the same at once":   {func(sc *scene, _ *span.Span) { asks(sc.served("other", 2.5, 4.9, 300, ":4002"), "GET", "/x?b", 200) }, false},
		"not known how":      {func(_ *scene, h *span.Span) { h.Type = "" }, false},
		"not known what for": {func(_ *scene, h *span.Span) { h.Resource = "" }, false},
		"not known whether":  {func(_ *scene, h *span.Span) { h.Code = 0 }, false},
	} {
		sc := newScene(t)
		request := asks(sc.served("request", 2, 5, 200, ":4001"), "GET", "/x?a", 200)
		handler := asks(sc.app("handler", 3, 4, span.KindServer, 1, 0, order), "GET", "/x", 200)
		c.change(sc, handler)
		tree := trace.Assemble(sc.spans, trace.Options{})
		got := false
		for i, s := range tree.Spans {
			if s == handler && tree.Parent[i] >= 0 && tree.Spans[tree.Parent[i]] == request {
				got = tree.Confidence[i] == trace.Inferred
			}
		}
		if got != c.want {
			t.Errorf("%s: the handler hangs under the request: %v", name, got)
		}
	}
}
