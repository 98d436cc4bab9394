package sys

import (
	"bytes"
	"net/netip"
	"unsafe"

	"github.com/throughline-io/throughline/bpf"
)

const (
	eventIO      = uint8(bpf.SockioEventKindEVENT_IO)
	eventEnd     = uint8(bpf.SockioEventKindEVENT_END)
	eventConnect = uint8(bpf.SockioEventKindEVENT_CONNECT)
	eventExec    = uint8(bpf.SockioEventKindEVENT_EXEC)
	eventExit    = uint8(bpf.SockioEventKindEVENT_EXIT)
	eventTLS     = uint8(bpf.TLSTlsKindEVENT_TLS)
	eventTLSEnd  = uint8(bpf.TLSTlsKindEVENT_TLS_END)

	flagOutgoing = uint8(bpf.SockioEventFlagEVENT_OUTGOING)
	flagIPv6     = uint8(bpf.SockioEventFlagEVENT_IPV6)
	flagAsks     = uint8(bpf.SockioEventFlagEVENT_ASKS)
	flagPlace    = uint8(bpf.SockioEventFlagEVENT_PLACE)
	flagLocal    = uint8(bpf.SockioEventFlagEVENT_LOCAL)
	flagDatagram = uint8(bpf.SockioEventFlagEVENT_DATAGRAM)
	flagEnds     = uint8(bpf.SockioEventFlagEVENT_ENDS)
)

// event is what the kernel says of a call, and the payload captured. Both lie in the ring
// and are gone when its reader goes on.
type event struct {
	*bpf.SockioEvent
	payload []byte
	pieces  []bpf.TLSTlsSlot   // of what lies behind the payload inside of TLS, in order
	before  bpf.SockioBefore   // where a goroutine begins a request of HTTP
	ends    bpf.SockioLocalEnd // of an AF_UNIX stream, where it is told
}

const (
	eventSize  = int(unsafe.Sizeof(bpf.SockioEvent{}))
	beforeSize = int(unsafe.Sizeof(bpf.SockioBefore{}))
	endsSize   = int(unsafe.Sizeof(bpf.SockioLocalEnd{}))
)

// parseEvent reads a record in place: the programs and we are compiled from one
// description, and both processors we have objects for are little-endian.
func parseEvent(record []byte) (e event, ok bool) {
	if len(record) < eventSize {
		return event{}, false
	}
	e.SockioEvent = (*bpf.SockioEvent)(unsafe.Pointer(unsafe.SliceData(record)))
	e.payload = record[eventSize:]
	ok = true
	if e.Kind == eventTLS {
		return cutTLS(e)
	}
	if e.tellsEnds() {
		e.payload, ok = cutEnd(e.payload, (*[endsSize]byte)(unsafe.Pointer(&e.ends))[:])
	}
	if ok && e.Flags&flagAsks != 0 {
		e.payload, ok = cutEnd(e.payload, (*[beforeSize]byte)(unsafe.Pointer(&e.before))[:])
	}
	if !ok {
		return event{}, false
	}
	return e, true
}

// cutEnd takes what stands behind a payload; false: it is shorter than that.
func cutEnd(payload, to []byte) ([]byte, bool) {
	end := len(payload) - len(to)
	if end < 0 {
		return nil, false
	}
	copy(to, payload[end:])
	return payload[:end], true
}

// isLocal reports whether the call is of an AF_UNIX stream. Such a call has no addresses.
func (e event) isLocal() bool { return e.Kind == eventIO && e.Flags&flagLocal != 0 }

// tellsEnds reports whether a call of an AF_UNIX stream tells both ends: the first one, and one each second or so.
func (e event) tellsEnds() bool { return e.isLocal() && e.Flags&flagEnds != 0 }

func (e event) outgoing() bool { return e.Flags&flagOutgoing != 0 }

func (e event) local() netip.AddrPort  { return e.address(&e.Local, e.LocalPort) }
func (e event) remote() netip.AddrPort { return e.address(&e.Remote, e.RemotePort) }

func (e event) address(a *[16]uint8, port uint16) netip.AddrPort {
	if e.isLocal() {
		return netip.AddrPort{}
	}
	if e.Flags&flagIPv6 == 0 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[:4])), port)
	}
	// A dual-stack listener's IPv4 connections are ::ffff:a.b.c.d.
	return netip.AddrPortFrom(netip.AddrFrom16(*a).Unmap(), port)
}

// place is where a goroutine made the call; ok is false where that is not known.
func (e event) place() (p bpf.SockioPlace, ok bool) {
	if e.Flags&flagPlace == 0 {
		return p, false
	}
	return *(*bpf.SockioPlace)(unsafe.Pointer(&e.Comm)), true // a union
}

// comm is the name of a process that was not looked at when it made the call.
func (e event) comm() string {
	if e.Flags&flagPlace != 0 {
		return ""
	}
	c := unsafe.Slice((*byte)(unsafe.Pointer(&e.Comm[0])), len(e.Comm))
	if i := bytes.IndexByte(c, 0); i >= 0 {
		c = c[:i]
	}
	return string(c)
}
