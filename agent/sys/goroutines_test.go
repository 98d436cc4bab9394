package sys

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/bpf"
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
			told, guessed := map[string]int{}, 0
			for _, sp := range s.matching(asked) {
				if sp.Passage == 0 {
					continue
				}
				if told[sp.Endpoint]++; random && sp.PassageRule != span.RuleSoleRequest {
					t.Errorf("%s is told by rule %v, where goroutines run in random order", sp.Resource, sp.PassageRule)
				}
				got, want := request[sp.Passage], query(sp.Resource)
				if got != want && sp.PassageRule == span.RuleParentGoroutine {
					guessed++ // one of 46,000 was, and one of 400 may be: it is inferred
				}
				if got != want && (sp.PassageRule != span.RuleParentGoroutine || guessed > 2*n/400) {
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

// Of a server that only answers it is not asked where its goroutines run, until one writes for another; from then on
// calls are told as ever.
func TestGoroutinesOfAServerThatOnlyAnswersAreNotFollowed(t *testing.T) {
	t.Parallel()
	random := raceDetector()
	b := newBed(t)
	s := b.capture(Auto)
	_, backend := b.serve()
	server := b.start("http-server", backendVariable+"="+backend)
	var address string
	server.read(&address)
	client, url := b.start("http-client"), "http://"+address
	followed := func() bool {
		var known bpf.SockioProcess
		err := s.capture.programs.coll.Maps["processes"].Lookup(uint32(server.cmd.Process.Pid), &known)
		return err == nil && known.PlaceOffset != 0
	}
	client.do(job{URL: url + "/small/first", Method: "GET", Requests: 1})
	until(t, func() bool { return followed() || random })
	client.do(job{URL: url + "/small/answers", Method: "GET", Requests: 1000, Concurrency: 8})
	until(t, func() bool { return !followed() })
	call := job{URL: url + "/call", Method: "GET", Requests: 8, Concurrency: 8, Numbered: true}
	client.do(call) // connects, and is not told
	until(t, func() bool { return followed() || random })
	const n = 200
	call.Requests = n
	client.do(call)
	asked := func(sp *span.Span) bool { return at(span.PointClientProcess)(sp) && sp.Endpoint == "/small/handler" }
	told := 0
	for _, sp := range s.wait(8+n, asked) {
		if sp.PassageRule == span.RuleHandOff {
			told++
		}
	}
	if !random && told < n/2 {
		t.Errorf("%d of %d calls are told by who woke the writer\nledger:\n%s", told, n, s.lines())
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
