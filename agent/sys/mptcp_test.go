package sys

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/throughline-io/throughline/bpf"
)

// multipath exchanges a message on a connection of multipath TCP within a namespace.
func (b *bed) multipath() {
	b.t.Helper()
	var listen net.ListenConfig
	listen.SetMultipathTCP(true)
	var l net.Listener
	var client net.Conn
	var err error
	b.in(func() { l, err = listen.Listen(context.Background(), "tcp4", "127.0.0.1:0") })
	if err != nil {
		b.t.Fatal(err)
	}
	defer l.Close()
	var dial net.Dialer
	dial.SetMultipathTCP(true)
	b.in(func() { client, err = dial.Dial("tcp4", l.Addr().String()) })
	if err != nil {
		b.t.Fatal(err)
	}
	defer client.Close()
	if multipath, err := client.(*net.TCPConn).MultipathTCP(); err != nil || !multipath {
		b.t.Fatalf("no multipath TCP here: %v", err)
	}
	server, err := l.Accept()
	if err != nil {
		b.t.Fatal(err)
	}
	defer server.Close()
	io.WriteString(client, "hello")
	if _, err := io.ReadFull(server, make([]byte, 5)); err != nil {
		b.t.Fatal(err)
	}
}

// What is said of multipath TCP is said of the namespaces that are traced.
func TestMultipathTCPOfOtherNamespacesIsNotCounted(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		here, elsewhere := newBed(t), newBed(t)
		s := here.capture(v)
		elsewhere.multipath()
		before := s.counter(bpf.SockioCounterCOUNTER_MPTCP)
		here.multipath()
		if after := s.counter(bpf.SockioCounterCOUNTER_MPTCP); before != 0 || after == 0 {
			t.Errorf("%d calls of multipath TCP elsewhere, %d with those here", before, after)
		}
	})
}
