package sys

import (
	"bytes"
	"net/netip"
	"unsafe"

	"github.com/throughline-io/throughline/bpf"
)

const (
	eventIO   = uint8(bpf.SockioEventKindEVENT_IO)
	eventEnd  = uint8(bpf.SockioEventKindEVENT_END)
	eventExec = uint8(bpf.SockioEventKindEVENT_EXEC)
	eventExit = uint8(bpf.SockioEventKindEVENT_EXIT)

	flagOutgoing = uint8(bpf.SockioEventFlagEVENT_OUTGOING)
	flagIPv6     = uint8(bpf.SockioEventFlagEVENT_IPV6)
)

// event is what the kernel says of a call, and the payload captured. Both lie in the ring
// and are gone when its reader goes on.
type event struct {
	*bpf.SockioEvent
	payload []byte
}

const eventSize = int(unsafe.Sizeof(bpf.SockioEvent{}))

// parseEvent reads a record in place: the programs and we are compiled from one
// description, and both processors we have objects for are little-endian.
func parseEvent(record []byte) (e event, ok bool) {
	if len(record) < eventSize {
		return event{}, false
	}
	e.SockioEvent = (*bpf.SockioEvent)(unsafe.Pointer(unsafe.SliceData(record)))
	e.payload = record[eventSize:]
	return e, true
}

func (e event) outgoing() bool { return e.Flags&flagOutgoing != 0 }

func (e event) local() netip.AddrPort  { return e.address(&e.Local, e.LocalPort) }
func (e event) remote() netip.AddrPort { return e.address(&e.Remote, e.RemotePort) }

func (e event) address(a *[16]uint8, port uint16) netip.AddrPort {
	if e.Flags&flagIPv6 == 0 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[:4])), port)
	}
	// A dual-stack listener's IPv4 connections are ::ffff:a.b.c.d.
	return netip.AddrPortFrom(netip.AddrFrom16(*a).Unmap(), port)
}

func (e event) comm() string {
	c := unsafe.Slice((*byte)(unsafe.Pointer(&e.Comm[0])), len(e.Comm))
	if i := bytes.IndexByte(c, 0); i >= 0 {
		c = c[:i]
	}
	return string(c)
}
