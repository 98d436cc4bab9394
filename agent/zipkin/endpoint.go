package zipkin

import (
	"net/netip"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
)

// endpoint is one end of a call.
type endpoint struct {
	service string
	addr    netip.Addr
	port    uint64
}

func readEndpoint(b []byte) (e endpoint, err error) {
	for len(b) > 0 {
		var f protobuf.Field
		if f, b, err = protobuf.Next(b); err != nil {
			return e, err
		}
		switch {
		case f.Is(1, protowire.BytesType):
			e.service = string(f.Bytes)
		case f.Is(2, protowire.BytesType), f.Is(3, protowire.BytesType):
			a, _ := netip.AddrFromSlice(f.Bytes)
			a = a.Unmap() // zipkin-go 0.4.3 writes ipv4 as the 16 bytes of a net.IP
			if a.IsValid() && (!e.addr.IsValid() || f.Number == 2) && !a.IsUnspecified() {
				e.addr = a
			}
		case f.Is(4, protowire.VarintType):
			e.port = f.Value
		}
	}
	return e, nil
}

// of begins the resource of spans of a service, unless the spans before are of the same.
func (t *Translator) of(local *endpoint) {
	if len(t.open) > 0 && local.service == t.resource.service && local.addr == t.resource.addr {
		return
	}
	t.end()
	t.resource = *local
	t.open = append(t.open, t.Open(1)) // resource_spans
	at := t.Open(1)                    // resource
	if local.service != "" {
		t.Attribute(1, "service.name", []byte(local.service))
	}
	if t.Passed && local.addr.IsValid() && !local.addr.IsLoopback() {
		t.Attribute(1, "app.host.ip", []byte(local.addr.String()))
	}
	t.Close(at)
	t.open = append(t.open, t.Open(2)) // scope_spans
}

// end ends the messages around the spans.
func (t *Translator) end() {
	for i := len(t.open) - 1; i >= 0; i-- {
		t.Close(t.open[i])
	}
	t.open = t.open[:0]
}

// ends writes the addresses of both ends, and the other one's service.
func (t *Translator) ends(s *header) {
	for _, e := range []struct {
		side string
		*endpoint
	}{{"network.local.", &s.local}, {"network.peer.", &s.remote}} {
		if e.addr.IsValid() {
			t.Attribute(attributes, e.side+"address", []byte(e.addr.String()))
		}
		if e.port > 0 && e.port < 1<<16 {
			t.Integer(attributes, e.side+"port", int64(e.port))
		}
	}
	if s.remote.service != "" {
		t.Attribute(attributes, "peer.service", []byte(s.remote.service))
	}
}
