package sys

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A handler's call is written by a goroutine of the connection to the other server. It is the handler's
// request's all the same, and so is that of a goroutine that the handler began. With the race detector (of
// this test, whose program serves) goroutines run in random order, and their order says nothing.
func TestCallsThatOtherGoroutinesWrite(t *testing.T) {
	t.Parallel()
	random := raceDetector()
	for _, one := range append(ladder(TPBTF), ladder(Tracepoint)...) {
		if !one.user {
			continue
		}
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			s := b.capture(Auto, func(c *Config) { c.only = &one })
			_, backend := b.serve()
			client, url := b.serve(backendVariable + "=" + backend)
			const n = 200
			client.do(job{URL: url + "/call", Method: "GET", Requests: n, Concurrency: 8, Numbered: true})
			client.do(job{URL: url + "/calls", Method: "GET", Requests: n, Concurrency: 8, Numbered: true})
			asked := func(sp *span.Span) bool {
				return at(span.PointClientProcess)(sp) && strings.HasPrefix(sp.Resource, "/small/")
			}
			s.wait(3*n, asked)
			s.wait(2*n, func(sp *span.Span) bool {
				return at(span.PointServerProcess)(sp) && strings.HasPrefix(sp.Resource, "/call")
			})

			request := map[uint64]string{} // by passage
			for _, sp := range s.matching(at(span.PointServerProcess)) {
				request[sp.Passage] = query(sp.Resource)
			}
			told := map[string]int{}
			for _, sp := range s.matching(asked) {
				if sp.Passage == 0 {
					continue
				}
				if told[sp.Endpoint]++; random && sp.PassageRule != span.RuleSoleRequest {
					t.Errorf("%s is told by rule %v, where goroutines run in random order", sp.Resource, sp.PassageRule)
				}
				if got, want := request[sp.Passage], query(sp.Resource); got != want {
					t.Errorf("%s is said to be of request %q by rule %v", sp.Resource, got, sp.PassageRule)
				}
			}
			// Some are not told: the first on a connection, and what garbage collection comes between.
			if !random && (told["/small/handler"] < n/2 || told["/small/child"] < n/2) {
				t.Errorf("passages of %v, of %d by handlers and %d by their goroutines\nledger:\n%s", told, n, 2*n, s.lines())
			}
		})
	}
}

// raceDetector reports whether this program has it.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func query(resource string) string {
	_, q, _ := strings.Cut(resource, "?")
	return q
}
