package trace_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Rule 4 with a clock of whole milliseconds, as OpenTelemetry's JavaScript SDK has it.

func TestServerRootOfAMillisecondClock(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.hop("first s-p", 0.3, 0.9, sp, "a", 100, web+":4000", order+":80")
	sc.hop("second s-p", 2.3, 2.9, sp, "a", 200, web+":4000", order+":80")
	for n, name := range []string{"first handler", "second handler"} {
		sc.app(name, float64(2*n), float64(2*n+1), span.KindServer, byte(n+1), 0, order).Client = addrPort(web + ":4000")
	}
	sc.want(`
		first s-p
		  first handler
		second s-p
		  second handler
	`)
}

func TestServerRootOfTwoRequestsInOneMillisecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(second *span.Span)
		linked bool
	}{
		{"another path", func(s *span.Span) { s.Resource = "/other" }, true},
		{"another method", func(s *span.Span) { s.Type = "POST" }, true},
		{"another status", func(s *span.Span) { s.Code = 500 }, true},
		{"the same", func(*span.Span) {}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sc := newScene(t)
			first := sc.hop("first s-p", 0.1, 0.45, sp, "a", 100, web+":4000", order+":80")
			second := sc.hop("second s-p", 0.6, 0.9, sp, "a", 200, web+":4000", order+":80")
			handler := sc.app("handler", 0, 1, span.KindServer, 1, 0, order)
			handler.Client = addrPort(web + ":4000")
			for _, s := range []*span.Span{first, second, handler} {
				s.Protocol, s.Type, s.Resource, s.Code = "HTTP", "GET", "/items?n=1", 200
			}
			c.change(second)
			want := `
				handler
				first s-p
				second s-p
			`
			if c.linked {
				want = `
					first s-p
					  handler
					second s-p
				`
			}
			sc.want(want)
		})
	}
}
