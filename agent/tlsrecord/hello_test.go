package tlsrecord

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
)

// firstRecord is what a side of crypto/tls says first.
func firstRecord(t *testing.T, config *tls.Config) []byte {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		_ = tls.Client(theirs, config).Handshake() // nobody answers
		theirs.Close()
	}()
	head := make([]byte, HeaderSize)
	if _, err := io.ReadFull(ours, head); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, int(head[3])<<8|int(head[4]))
	if _, err := io.ReadFull(ours, body); err != nil {
		t.Fatal(err)
	}
	ours.Close()
	return append(head, body...)
}

func TestHelloOfAClient(t *testing.T) {
	t.Parallel()
	data := firstRecord(t, &tls.Config{ServerName: "shop.test", NextProtos: []string{"h2"}})
	if !IsClient(data) {
		t.Error("it is no client's")
	}
	var h Hello
	h.Take(data)
	if h != (Hello{ServerName: "shop.test", Protocol: "h2"}) {
		t.Errorf("%+v", h)
	}
	for n := range data { // cut off anywhere it is read as far as it goes
		var h Hello
		if h.Take(data[:n]); h.ServerName != "" && h.ServerName != "shop.test" {
			t.Errorf("of %d bytes: %+v", n, h)
		}
	}
	h = Hello{}
	if h.Take(firstRecord(t, &tls.Config{ServerName: "shop.test", NextProtos: []string{"h2", "http/1.1"}})); h.Protocol != "" {
		t.Errorf("%q was offered among others, and not agreed on", h.Protocol)
	}
}
