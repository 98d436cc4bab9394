package sys

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Every system call that can send and receive on a connection, gathered and scattered,
// peeked and sent from a file.
func TestOddCalls(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		_, url := b.serve()
		var said string
		b.start("odd-calls", addressVariable+"="+url[len("http://"):]).read(&said)

		requests := checkPairs(t, s, len(exchanges))
		for _, e := range exchanges {
			sp, ok := requests["/echo?"+e.name]
			if !ok || sp.TraceID.IsZero() || sp.Code != 200 || sp.Type != "POST" {
				t.Errorf("%s: %+v", e.name, sp)
			}
		}
		if s.line("calls not counted: peek") != 1 || s.line("payloads cut: too many pieces") != 1 {
			t.Errorf("want one peek and one payload of too many pieces\nledger:\n%s", s.lines())
		}
	})
}

// A server that waits in recvfrom when the capture begins: the call's entry is not seen.
func TestWaitingSinceBeforeTheCapture(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		server := b.start("blocking-server")
		var address string
		server.read(&address)
		var conn net.Conn
		var err error
		b.in(func() { conn, err = net.Dial("tcp", address) })
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		until(t, func() bool { return server.waitsInRecvfrom() })
		s := b.capture(v)
		if !s.capture.programs.build.readsAtExit() { // else the kernel notes no reader that waits: there is nothing to wait for
			var id uint64
			var used uint8
			until(t, func() bool { return s.capture.programs.coll.Maps["waiting"].Iterate().Next(&id, &used) })
		}
		io.WriteString(conn, "GET /small/1 HTTP/1.1\r\nHost: a\r\n\r\n")
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
			t.Fatal(err)
		}
		sp := s.wait(1, at(span.PointServerProcess))[0]
		if sp.Resource != "/small/1" || sp.RequestSeq == 0 || sp.ResponseSeq == 0 || sp.Status != span.StatusOK {
			t.Errorf("%+v", sp)
		}
	})
}
