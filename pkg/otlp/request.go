package otlp

import (
	"bytes"
	"math"
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// text is the value of a slot as text; nil if there is none or it is no string.
func (r *row) text(s slot) []byte {
	if v := &r.values[s]; r.ranks[s] > 0 && (v.kind == valueString || v.kind == valueJSON) {
		return v.text
	}
	return nil
}

func (r *row) integer(s slot) (int64, bool) {
	if r.ranks[s] == 0 {
		return 0, false
	}
	return r.values[s].integer()
}

func (r *row) size(s slot) uint64 {
	n, _ := r.integer(s)
	return uint64(max(n, 0))
}

func (r *row) port(s slot) uint16 {
	if n, ok := r.integer(s); ok && n > 0 && n <= math.MaxUint16 {
		return uint16(n)
	}
	return 0
}

// maxAddrs bounds the addresses that are kept as text and value.
const maxAddrs = 4096

// addr is the value of a slot as an address. Peers are few, so their text is looked up.
func (d *Decoder) addr(s slot) netip.Addr {
	t := d.row.text(s)
	if len(t) == 0 || len(t) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%interface0") {
		return netip.Addr{}
	}
	if a, ok := d.addrs[string(t)]; ok {
		return a
	}
	a, _ := netip.ParseAddr(string(t)) // a name is no address
	a = a.Unmap().WithZone("")
	if d.addrs == nil || len(d.addrs) >= maxAddrs {
		d.addrs = map[string]netip.Addr{}
	}
	d.addrs[string(t)] = a
	return a
}

// request fills the columns that say what was asked for and how it ended. What was seen
// of HTTP wins over the rest: a call to an AWS API or to Elasticsearch is HTTP on the
// wire, where its SYS and NET spans are.
func (d *Decoder) request() {
	r, b := &d.row, d.batch
	var protocol, typ span.Ref
	var resource []byte
	system := func(s slot) span.Ref {
		t := r.text(s)
		if name, ok := protocols[string(t)]; ok {
			return b.Strings.Ref(name)
		}
		return b.Strings.RefBytes(t)
	}
	code, known := int64(0), false
	switch {
	case r.proxiedGRPC():
		method, path := d.proxiedRPC()
		protocol, typ, resource = b.Strings.Ref("gRPC"), b.Strings.RefBytes(method), path
		code, known = r.rpcCode()
	case r.ranks[slotMethod] > 0 || r.ranks[slotHTTPCode] > 0:
		protocol, typ = b.Strings.Ref("HTTP"), b.Strings.RefBytes(r.text(slotMethod))
		resource = d.path()
		code, known = r.integer(slotHTTPCode)
	case r.ranks[slotDBSystem] > 0:
		protocol, typ = system(slotDBSystem), b.Strings.RefBytes(r.text(slotDBOperation))
		resource = r.text(slotDBText)
		code, _ = r.integer(slotDBCode)
	case r.ranks[slotRPCSystem] > 0:
		protocol, typ = system(slotRPCSystem), b.Strings.RefBytes(r.text(slotRPCMethod))
		resource = d.rpcPath()
		code, known = r.rpcCode()
	case r.ranks[slotMessagingSystem] > 0:
		protocol, typ = system(slotMessagingSystem), b.Strings.RefBytes(r.text(slotMessagingOperation))
		resource = r.text(slotMessagingDestination)
	}
	stored, known := code32(code, known)
	of := noCodes
	if known {
		of = codesOf(b.Strings.String(protocol))
	}
	b.Protocol.Add(protocol)
	b.Version.Add(b.Strings.RefBytes(r.version()))
	b.Type.Add(typ)
	domain := r.text(slotServerAddress)
	if domain == nil {
		domain = r.text(slotNetPeerName)
	}
	b.Domain.Add(b.Strings.RefBytes(domain))
	b.Resource.Add(resource)
	b.XRequestID.Add(firstOf(r.text(slotXRequestID)))
	b.Status.Add(outcome(r.said(), of, code))
	b.Code.Add(stored)
	b.StatusMessage.Add(d.errorText())
	b.RequestSize.Add(r.size(slotRequestSize))
	b.ResponseSize.Add(r.size(slotResponseSize))
	tid, _ := r.integer(slotThread)
	b.TID.Add(uint32(max(0, min(tid, math.MaxUint32))))
}

// path is the request target as it was sent: path and query.
func (d *Decoder) path() []byte {
	r := &d.row
	path := r.text(slotPath)
	if path == nil {
		path = r.text(slotURL)
		if i := bytes.Index(path, []byte("://")); i >= 0 {
			host := path[i+3:]
			if j := bytes.IndexAny(host, "/?#"); j >= 0 {
				path = host[j:]
			} else {
				path = []byte("/")
			}
		}
		if i := bytes.IndexByte(path, '#'); i >= 0 {
			path = path[:i]
		}
		return path
	}
	query := r.text(slotQuery)
	if len(query) == 0 || bytes.IndexByte(path, '?') >= 0 {
		return path
	}
	d.scratch = append(append(append(d.scratch[:0], path...), '?'), query...)
	return d.scratch
}

// rpcPath is the method with its service as gRPC sends it. The method alone may be full.
func (d *Decoder) rpcPath() []byte {
	service, method := d.row.text(slotRPCService), d.row.text(slotRPCMethod)
	if len(service) == 0 {
		return method
	}
	d.scratch = append(append(append(append(d.scratch[:0], '/'), service...), '/'), method...)
	return d.scratch
}

// errorText is the status message; without one, the exception.
func (d *Decoder) errorText() []byte {
	r := &d.row
	if len(r.message) > 0 {
		return r.message
	}
	if text := d.exceptionText(); len(text) > 0 {
		return text
	}
	if r.said() != statusError {
		return nil
	}
	if why := r.text(slotFailedWhy); len(why) > 0 {
		return why
	}
	return r.text(slotErrorType)
}

// exceptionText is the last exception that the span has as an event, else as attributes.
func (d *Decoder) exceptionText() []byte {
	r := &d.row
	typ, message := r.exceptionType, r.exceptionError
	if typ == nil && message == nil {
		typ, message = r.text(slotExceptionType), r.text(slotExceptionMessage)
	}
	if len(typ) > 0 && len(message) > 0 {
		d.scratch = append(append(append(d.scratch[:0], typ...), ": "...), message...)
		return d.scratch
	}
	if len(message) > 0 {
		return message
	}
	return typ
}

// ends fills the addresses of both ends of the connection: the side that the span is on
// is its pod, the other one is the socket's peer.
func (d *Decoder) ends(traceID span.TraceID, root bool, start int64) {
	r, b := &d.row, d.batch
	var client, server netip.AddrPort
	local := netip.AddrPortFrom(d.resource.pod, r.port(slotLocalPort))
	if !local.Addr().IsValid() {
		local = netip.AddrPortFrom(d.addr(slotLocalAddress), local.Port())
	}
	peer := netip.AddrPortFrom(d.addr(slotPeerAddress), r.port(slotPeerPort))
	if peer.Port() == 0 {
		peer = netip.AddrPortFrom(peer.Addr(), r.port(slotNetPeerPort))
	}
	if !peer.Addr().IsValid() {
		if other := r.otherEnd(); other.Addr().IsValid() {
			peer = other
		}
	}
	switch r.kind {
	case span.KindServer, span.KindConsumer:
		client, server = peer, local
		if server.Port() == 0 {
			server = netip.AddrPortFrom(server.Addr(), r.port(slotServerPort))
		}
		if r.kind == span.KindServer && root && d.onRoot && (peer.Port() != 0 || r.ranks[slotMethod] > 0) {
			code, _ := r.integer(slotHTTPCode)
			stored, _ := code32(code, true)
			d.roots = append(d.roots, Root{TraceID: traceID, Pod: d.resource.pod, Client: peer, Start: start,
				Method: string(r.text(slotMethod)), Target: string(d.path()), Code: stored})
		}
	case span.KindClient, span.KindProducer:
		client, server = local, peer
		if !server.Addr().IsValid() { // the name may be an address
			server = netip.AddrPortFrom(d.addr(slotServerAddress), server.Port())
		}
		if server.Port() == 0 {
			server = netip.AddrPortFrom(server.Addr(), r.port(slotServerPort))
		}
	}
	b.ClientIP.Add(span.As16(client.Addr()))
	b.ClientPort.Add(client.Port())
	b.ServerIP.Add(span.As16(server.Addr()))
	b.ServerPort.Add(server.Port())
	b.Transport.Add(transport(r.text(slotTransport)))
	tls := uint8(0)
	if s := r.text(slotScheme); string(s) == "https" || string(s) == "wss" {
		tls = 1
	}
	b.TLS.Add(tls)
}

// transport is the IP protocol's number.
func transport(name []byte) uint8 {
	switch string(name) {
	case "tcp", "ip_tcp":
		return 6
	case "udp", "quic", "ip_udp":
		return 17
	}
	return 0
}

// firstOf is the first string of a JSON array of strings, as header attributes are; or
// the text itself.
func firstOf(t []byte) []byte {
	rest, ok := bytes.CutPrefix(t, []byte(`["`))
	if !ok {
		return t
	}
	first, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok || bytes.IndexByte(first, '\\') >= 0 {
		return nil
	}
	return first
}
