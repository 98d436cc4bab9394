package sys

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// grpc-go reads for many, and begins a goroutine for each call that it serves: what that calls, be it by itself or by
// net/http's goroutines, is for what it serves. Calls of gRPC are told of the only request that is open.
func TestCallsOfGRPCHandlers(t *testing.T) {
	t.Parallel()
	random := raceDetector()
	b := newBed(t)
	s := b.capture(Auto)
	_, backend := b.serve()
	var address, grpcBackend string
	b.start("grpc-server").read(&grpcBackend)
	b.start("grpc-server", addressVariable+"=127.0.0.1:8080", backendVariable+"="+backend, grpcBackendVariable+"="+grpcBackend).read(&address)
	b.in(func() { probe(t, address) })
	client := b.start("grpc-client", addressVariable+"="+address)
	const one, many = 100, 400 // at once
	for _, j := range []grpcJob{{Method: "Call/", Requests: one, Concurrency: 1, Numbered: true}, {Method: "Calls/", Requests: many, Concurrency: 16, Numbered: true}} {
		client.tell(j)
		var ended map[string]int
		if client.read(&ended); ended["OK"] != j.Requests {
			t.Fatalf("the client's calls have ended by %v", ended)
		}
	}
	const byGRPC, byItself, byClient = "/shop.Backend/", "/small/itself?", "/small/client?"
	// names are how a call was made, and for which.
	names := func(sp *span.Span) (way, of string) {
		for _, way := range []string{byGRPC, byItself, byClient} {
			if of, ok := strings.CutPrefix(sp.Resource, way); ok {
				return way, of
			}
		}
		return "", ""
	}
	asked := func(sp *span.Span) bool {
		way, _ := names(sp)
		return at(span.PointClientProcess)(sp) && way != ""
	}
	s.wait(3*(one+many), asked)
	request := map[uint64]string{} // by passage
	for _, sp := range s.wait(2*(one+many), isGRPC(span.PointServerProcess)) {
		request[sp.Passage] = strings.TrimPrefix(sp.Resource, "/shop.Items/")
	}
	toldOne, toldMany := map[string]int{}, map[string]int{}
	for _, sp := range s.matching(asked) {
		if sp.Passage == 0 {
			continue
		}
		way, of := names(&sp)
		if strings.HasPrefix(of, "Call/") {
			toldOne[way]++
		} else {
			toldMany[way]++
		}
		if got := request[sp.Passage]; got != of {
			t.Errorf("%s is said to be of call %q by rule %v", sp.Resource, got, sp.PassageRule)
		}
	}
	for _, way := range []string{byGRPC, byItself, byClient} {
		if toldOne[way] < one*9/10 || !random && way != byGRPC && toldMany[way] == 0 {
			t.Errorf("%v are told, of %d one after the other, and %v, of %d by 16 at once\nledger:\n%s", toldOne, one, toldMany, many, s.lines())
			break
		}
	}
}

// probe looks whether a server is there, as Kubernetes does: the server says something, and was asked nothing.
func probe(t *testing.T, address string) {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
		conn.Close()
	}
	if err != nil {
		t.Error(err)
	}
}
