package sys

import (
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/agent/tlsrecord"
)

// movedInside feeds the segment of a call of a TLS library in parts: of each its place in the TCP stream is known, and what was captured
// of it is its beginning. So a frame of HTTP/2 behind an answer's DATA is read, wherever in a call of 16 KiB it begins.
func (c *Capture) movedInside(s *socket, out bool, e event, inside []tlsrecord.Place) {
	rest, passed := c.segment, 0
	for i := range e.pieces {
		p := &e.pieces[i]
		n := min(int(p.Piece.Offset)-passed, rest.Len)
		if n < 0 {
			continue // the kernel tells them in order
		}
		inside = c.feedAt(s, out, upTo(rest, n), inside)
		rest = behind(rest, n)
		rest.Data = p.Data[:min(int(p.Piece.Size), len(p.Data), rest.Len)]
		passed += n
	}
	c.feedAt(s, out, rest, inside)
}

// feedAt feeds a segment that lies at places, as far as they are known, and gives those of what follows it.
func (c *Capture) feedAt(s *socket, out bool, rest session.Segment, at []tlsrecord.Place) []tlsrecord.Place {
	for len(at) > 0 && rest.Len > 0 {
		n := min(at[0].Len, rest.Len)
		c.segment = upTo(rest, n)
		c.segment.Wire, c.segment.WireLen, c.segment.WireEnd = at[0].Seq, n, at[0].End
		s.conn.Feed(out, &c.segment)
		rest = behind(rest, n)
		at[0].Seq, at[0].Len = at[0].Seq+uint32(n), at[0].Len-n
		if at[0].Len == 0 {
			at = at[1:]
		}
	}
	if rest.Len > 0 {
		c.segment = rest
		s.conn.Feed(out, &c.segment)
	}
	return at
}

// upTo is a segment's first n bytes.
func upTo(s session.Segment, n int) session.Segment {
	s.Data, s.Len = s.Data[:min(n, len(s.Data))], n
	return s
}

// behind is a segment without its first n bytes.
func behind(s session.Segment, n int) session.Segment {
	s.Seq, s.Len, s.Data = s.Seq+uint32(n), s.Len-n, s.Data[min(n, len(s.Data)):]
	return s
}
