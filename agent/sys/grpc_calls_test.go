package sys

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// grpc-go reads for many, and begins a goroutine for each call that it serves: what that calls, be it by itself or by
// net/http's goroutines, is for what it serves.
func TestCallsOfGRPCHandlers(t *testing.T) {
	t.Parallel()
	random := raceDetector()
	b := newBed(t)
	s := b.capture(Auto)
	_, backend := b.serve()
	server := b.start("grpc-server", backendVariable+"="+backend)
	var address string
	server.read(&address)
	client := b.start("grpc-client", addressVariable+"="+address)
	const one, many = 100, 400 // at once
	for _, j := range []grpcJob{{Method: "Call/", Requests: one, Concurrency: 1, Numbered: true}, {Method: "Calls/", Requests: many, Concurrency: 16, Numbered: true}} {
		client.tell(j)
		var ended map[string]int
		if client.read(&ended); ended["OK"] != j.Requests {
			t.Fatalf("the client's calls have ended by %v", ended)
		}
	}
	asked := func(sp *span.Span) bool {
		return at(span.PointClientProcess)(sp) && strings.HasPrefix(sp.Resource, "/small/")
	}
	s.wait(2*(one+many), asked)
	request := map[uint64]string{} // by passage
	for _, sp := range s.wait(one+many, isGRPC(span.PointServerProcess)) {
		request[sp.Passage] = strings.TrimPrefix(sp.Resource, "/shop.Items/")
	}
	told := map[string]int{}
	for _, sp := range s.matching(asked) {
		if sp.Passage == 0 {
			continue
		}
		of, _, _ := strings.Cut(query(sp.Resource), "/")
		told[of+" "+sp.Endpoint]++
		if got, want := request[sp.Passage], query(sp.Resource); got != want {
			t.Errorf("%s is said to be of call %q by rule %v", sp.Resource, got, sp.PassageRule)
		}
	}
	for _, by := range []string{"/small/itself", "/small/client"} {
		if told["Call "+by] < one*9/10 || !random && told["Calls "+by] == 0 {
			t.Errorf("%v are told, of %d one after the other and %d by 16 at once\nledger:\n%s", told, one, many, s.lines())
		}
	}
}
