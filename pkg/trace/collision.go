package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Sequence collisions: two sessions that have the same pair of sequence numbers by chance.
// They show as fields that contradict each other, or as one place seen twice.

// signature is what all spans of one session agree on, where they know it.
type signature struct {
	protocol, typ, resource string
	trace                   span.TraceID
	span                    span.SpanID
}

// cutAt is the length from which two texts of which one begins with the other are taken
// for one text that was captured to different lengths.
const cutAt = 128

func sameText(x, y string) bool {
	if x == y || x == "" || y == "" {
		return true
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) >= cutAt && strings.HasPrefix(y, x)
}

// accepts reports whether the span contradicts nothing.
func (g *signature) accepts(s *span.Span) bool {
	return sameText(g.protocol, s.Protocol) && sameText(g.typ, s.Type) && sameText(g.resource, s.Resource) &&
		(g.trace == s.TraceID || g.trace.IsZero() || s.TraceID.IsZero()) &&
		(g.span == s.SpanID || g.span.IsZero() || s.SpanID.IsZero())
}

// add fills in what the span knows.
func (g *signature) add(s *span.Span) {
	longer := func(dst *string, v string) {
		if len(v) > len(*dst) {
			*dst = v
		}
	}
	longer(&g.protocol, s.Protocol)
	longer(&g.typ, s.Type)
	longer(&g.resource, s.Resource)
	if g.trace.IsZero() {
		g.trace = s.TraceID
	}
	if g.span.IsZero() {
		g.span = s.SpanID
	}
}

// place is where a session is seen once.
type place struct {
	point      span.Point
	node, nic  string
	pid        uint32
	agent, tun string
}

func placeOf(s *span.Span) place {
	return place{s.Point, s.Node, s.Interface, s.PID, s.Agent, s.Tunnel}
}

// oneSession reports whether the spans can all be of one session.
func (a *assembly) oneSession(list []int32) bool {
	var g signature
	var seen map[place]bool
	if len(list) > 16 {
		seen = make(map[place]bool, len(list))
	}
	for k, i := range list {
		s := a.s[i]
		if !g.accepts(s) {
			return false
		}
		g.add(s)
		if seen != nil {
			if p := placeOf(s); seen[p] {
				return false
			} else {
				seen[p] = true
			}
			continue
		}
		for _, j := range list[:k] {
			if t := a.s[j]; t.Point == s.Point && placeOf(t) == placeOf(s) {
				return false
			}
		}
	}
	return true
}

// manyCollisions bounds the work on one pair of sequence numbers: beyond it, spans that
// share a place stay alone, and say so.
const manyCollisions = 512

// session is one of several that share a pair of sequence numbers.
type session struct {
	signature
	seed    *span.Span
	places  map[place]bool
	members []int32
}

func (c *session) add(i int32, s *span.Span) {
	c.signature.add(s)
	c.places[placeOf(s)] = true
	c.members = append(c.members, i)
}

// separate tells colliding sessions apart: by contradicting fields, then by addresses, and
// by time only where nothing else is left. The place that was seen most often gives the
// sessions; every other span goes to the nearest.
func (a *assembly) separate(list []int32) [][]int32 {
	byPlace := make(map[place][]int32)
	var order []place
	for _, i := range list {
		p := placeOf(a.s[i])
		if byPlace[p] == nil {
			order = append(order, p)
		}
		byPlace[p] = append(byPlace[p], i)
	}
	if len(list) > manyCollisions {
		parts := make([][]int32, 0, len(list))
		for k := range list {
			parts = append(parts, list[k:k+1:k+1])
		}
		return parts
	}
	slices.SortStableFunc(order, func(x, y place) int {
		return cmp.Or(cmp.Compare(len(byPlace[y]), len(byPlace[x])), cmp.Compare(rank(x.point), rank(y.point)))
	})
	var sessions []*session
	begin := func(i int32) {
		c := &session{seed: a.s[i], places: map[place]bool{}}
		c.add(i, a.s[i])
		sessions = append(sessions, c)
	}
	for _, p := range order {
		type pairing struct {
			session int
			span    int32
			moved   int   // 0: same addresses
			apart   int64 // time between
		}
		var pairings []pairing
		for _, i := range byPlace[p] {
			s := a.s[i]
			for k, c := range sessions {
				if c.accepts(s) {
					moved := 1
					if s.Client == c.seed.Client && s.Server == c.seed.Server {
						moved = 0
					}
					pairings = append(pairings, pairing{k, i, moved, max(s.Start-c.seed.Start, c.seed.Start-s.Start)})
				}
			}
		}
		slices.SortStableFunc(pairings, func(x, y pairing) int {
			return cmp.Or(cmp.Compare(x.moved, y.moved), cmp.Compare(x.apart, y.apart))
		})
		placed := make(map[int32]bool)
		for _, q := range pairings {
			c := sessions[q.session]
			if !placed[q.span] && !c.places[p] && c.accepts(a.s[q.span]) {
				c.add(q.span, a.s[q.span])
				placed[q.span] = true
			}
		}
		for _, i := range byPlace[p] {
			if !placed[i] {
				begin(i)
			}
		}
	}
	parts := make([][]int32, len(sessions))
	for k, c := range sessions {
		parts[k] = c.members
	}
	return parts
}
