package otlp

import (
	"bytes"
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// Envoy, which is the proxy of Istio's and others' meshes, names what it says after OpenTracing, and all of it is text. Seen of
// Envoy 1.40: the request's span has the URL, its X-Request-ID and the address of who asked, without a port, be it of kind SERVER
// or, before a mesh's own pod, CLIENT; the span of what it passes on has whom it asks (upstream_address) and no method. Of a
// connection that fails the latter has the status UNSET and the code 0, and says so by "error" and "error.reason" alone.

// said is OpenTelemetry's status code, where none was sent that of OpenTracing's tag (OpenTelemetry's specification, OpenTracing
// Compatibility: "error" is an error).
func (r *row) said() uint64 {
	v := &r.values[slotFailed]
	if r.status == statusUnset && r.ranks[slotFailed] > 0 && (v.kind == valueBool && v.num != 0 || v.kind == valueString && string(v.text) == "true") {
		return statusError
	}
	return r.status
}

// proxiedGRPC reports whether a span is of a proxy that has seen a call of gRPC pass: HTTP's code says nothing of how it ended then.
func (r *row) proxiedGRPC() bool {
	return r.ranks[slotRPCCode] > 0 && r.ranks[slotRPCSystem] == 0
}

// proxiedRPC fills what a proxy has seen of such a call: the method's name is the end of its path.
func (d *Decoder) proxiedRPC() (method, path []byte) {
	path = d.path()
	return path[bytes.LastIndexByte(path, '/')+1:], path
}

// version is the protocol's, without its name.
func (r *row) version() []byte {
	v := bytes.TrimPrefix(r.text(slotVersion), []byte("HTTP/"))
	if string(v) == "-" { // nothing was said
		return nil
	}
	return v
}

// otherEnd is the address of who is asked, or of who asks, as a proxy names it. At a client a peer without a port
// is no server: it is who asked the proxy.
func (r *row) otherEnd() netip.AddrPort {
	client := r.kind == span.KindClient || r.kind == span.KindProducer
	if client && r.ranks[slotUpstream] > 0 {
		return addrPortOf(r.text(slotUpstream))
	}
	peer := addrPortOf(r.text(slotPeer))
	if client && peer.Port() == 0 {
		return netip.AddrPort{}
	}
	return peer
}

// addrPortOf reads an address with a port or without one; not valid where it is neither, as a UNIX socket's.
func addrPortOf(text []byte) netip.AddrPort {
	if len(text) == 0 || len(text) > len("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%interface0]:65535") {
		return netip.AddrPort{}
	}
	if a, err := netip.ParseAddrPort(string(text)); err == nil {
		return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
	}
	a, _ := netip.ParseAddr(string(text))
	return netip.AddrPortFrom(a.Unmap().WithZone(""), 0)
}
