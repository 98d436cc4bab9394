package skywalking

import (
	"bytes"
	"net"
	"net/netip"
	"strconv"
)

// peer writes who is at the other end, "host:port": of a client's span the server, of a server's the client.
// Clusters have several, which are no address.
func (t *Translator) peer(s *spanObject) {
	if len(s.peer) == 0 || s.typ == typeLocal {
		return
	}
	if bytes.ContainsAny(s.peer, ",;|") {
		t.Attribute(otelAttributes, "sw8.peer", s.peer)
		return
	}
	host, port := string(s.peer), int64(0)
	if h, p, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			host, port = h, int64(n)
		}
	}
	write := func(address, portKey string) {
		t.Attribute(otelAttributes, address, []byte(host))
		if port > 0 {
			t.Integer(otelAttributes, portKey, port)
		}
	}
	_, err := netip.ParseAddr(host)
	switch isAddress := err == nil; {
	case s.typ == typeExit:
		write("server.address", "server.port")
		if isAddress {
			write("network.peer.address", "network.peer.port")
		}
	case isAddress:
		write("network.peer.address", "network.peer.port")
	default:
		write("client.address", "client.port")
	}
}
