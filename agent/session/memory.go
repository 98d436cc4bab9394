package session

import (
	"slices"
	"unsafe"
)

// keep makes a copy of a segment that outlives the call; release gives its room back.
func (c *Conn) keep(s *Segment) Segment {
	kept := *s
	kept.Data = slices.Clone(s.Data)
	c.bytes += segmentBytes(&kept)
	return kept
}

func (c *Conn) release(s *Segment) { c.bytes -= segmentBytes(s) }

func segmentBytes(s *Segment) int {
	return int(unsafe.Sizeof(*s)) + cap(s.Data) // data may be trimmed from the front
}

// keeper is a dialogue that keeps more than its state, such as the texts of prepared statements.
type keeper interface{ Kept() int }

// Bytes is about how many bytes of memory the connection takes.
func (c *Conn) Bytes() int {
	n := int(unsafe.Sizeof(*c)) + c.bytes + cap(c.out.buf) + cap(c.in.buf)
	if c.spare != nil {
		n += (1 + len(c.spares)) * int(unsafe.Sizeof(*c.spare))
	}
	n += cap(c.earlyRoom)
	if k, ok := c.dialogue.(keeper); ok {
		n += k.Kept()
	}
	return n
}

// charge accounts for what a session keeps while it waits.
func (c *Conn) charge(s *Session) {
	f := &s.L7
	s.bytes = int(unsafe.Sizeof(*s)) + len(f.Resource) + len(f.Endpoint) + len(f.Domain) + len(f.RequestID) + len(f.XRequestID) + len(f.TraceState) + len(f.Links)
	for _, a := range f.Attributes {
		s.bytes += int(unsafe.Sizeof(a)) + len(a.Key) + len(a.Value)
	}
	c.bytes += s.bytes
}
