package sys

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/throughline-io/throughline/agent/tlsrecord"
)

// A read that began before the probes gives an answer that nobody sees: what is asked next is not answered by it.
func TestFollowingBeginsWhereNothingCanBeMistaken(t *testing.T) {
	t.Parallel()
	const write, read = true, false
	for _, c := range []struct {
		what   string
		serves bool
		calls  []bool
		from   int // the first call that is followed
	}{
		{"a client, the first answer unseen", false, []bool{write, write, read, write, read}, 3},
		{"a client, in an answer", false, []bool{read, read, write, read}, 2},
		{"a server, the first request unseen", true, []bool{write, read, write}, 1},
		{"a server, in time", true, []bool{read, write}, 0},
	} {
		var f following
		for i, out := range c.calls {
			if got := f.from(out, c.serves); got != (i >= c.from) {
				t.Errorf("%s: call %d is followed: %t", c.what, i, got)
			}
		}
	}
}

// What a client says first is known however it is read: OpenSSL reads the header of a record apart from what it says.
func TestHelloThatIsReadInPieces(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	go func() {
		_ = tls.Client(theirs, &tls.Config{ServerName: serverName}).Handshake() // nobody answers
	}()
	data := make([]byte, 4096)
	n, err := ours.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	ours.Close()
	data = data[:n]
	for _, pieces := range [][][]byte{{data}, {data[:tlsrecord.HeaderSize], data[tlsrecord.HeaderSize:]}} {
		var s tlsSocket
		opened := false
		for _, p := range pieces {
			opened = s.opens(p)
		}
		if !opened || s.hello.ServerName != serverName {
			t.Errorf("%d pieces: a client's %t, of %+v", len(pieces), opened, s.hello)
		}
	}
}
