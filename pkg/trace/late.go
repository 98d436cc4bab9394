package trace

import (
	"cmp"
	"math"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Late is a time in which a request was on its way between two points although its first
// byte had passed both: a packet of it was lost and had to be sent again. Whoever has the
// first byte and nothing else to do waits for the network then, be it the reader of a body,
// or a read() behind a hole in the stream.
//
// It is said only where a point saw the packet again: a sender may as well be slow.
type Late struct {
	From, To      int64 // Unix ns by the main root's clock
	Before, After int32 // the points between which the request was
	// Spans are those whose own time in From to To is the network's: the session's, from
	// Before on, and its server's code.
	Spans []int32
}

// LateRequests are the times in which requests came late, by session and time.
func (t *Tree) LateRequests() []Late {
	for _, s := range t.Spans {
		if s.Retransmissions > 0 {
			return t.late(newTimeline(t))
		}
	}
	return nil
}

func (t *Tree) late(l *timeline) (all []Late) {
	done := map[int32]bool{}
	for i, s := range t.Spans {
		if s.Retransmissions == 0 {
			continue
		}
		head := int32(i)
		for t.Rule[head] == RuleHopChain {
			head = t.Parent[head]
		}
		if done[head] {
			continue
		}
		done[head] = true
		all = append(all, t.lateOf(l, l.chain(head))...)
	}
	slices.SortStableFunc(all, func(a, b Late) int { return cmp.Compare(a.From, b.From) })
	return all
}

// chain is the points of a session in the order of its way.
func (l *timeline) chain(head int32) []int32 {
	all := []int32{head}
	for at := head; at != none; {
		next := none
		for k := at + 1; k < l.t.last[at]; k = l.t.last[k] {
			if l.t.Rule[k] == RuleHopChain {
				next = k
				all = append(all, k)
				break
			}
		}
		at = next
	}
	return all
}

// lateOf compares when the request was whole at neighbouring points.
func (t *Tree) lateOf(l *timeline, chain []int32) (all []Late) {
	whole := func(i int32) int64 {
		s := t.Spans[i]
		end := min(s.RequestEnd, longest)
		if s.ResponseStart > 0 { // answered before all of it was there
			end = min(end, s.ResponseStart)
		}
		return l.start[i] + int64(end)
	}
	left := whole(chain[0])
	for k := 1; k < len(chain); k++ {
		arrived := whole(chain[k])
		if arrived <= left {
			continue
		}
		if arrived > l.start[chain[k]] && t.Spans[chain[k-1]].Retransmissions > 0 {
			late := Late{From: left, To: arrived, Before: chain[k-1], After: chain[k], Spans: slices.Clone(chain[k-1:])}
			late.Spans = l.codeBehind(late.Spans, chain[len(chain)-1], left, arrived)
			all = append(all, late)
		}
		left = arrived
	}
	return all
}

// codeBehind appends the code spans of the process that serves a session, as far as they
// lie in a time.
func (l *timeline) codeBehind(list []int32, last int32, from, to int64) []int32 {
	t := l.t
	if t.Spans[last].Point != span.PointServerProcess {
		return list
	}
	for i := last + 1; i < t.last[last]; {
		s := t.Spans[i]
		if s.Source != span.APP || s.Kind == span.KindServer && t.Spans[t.Parent[i]].Source == span.APP {
			i = t.last[i] // a call to somebody else, and all below it
			continue
		}
		if l.start[i] < to && l.end[i] > from {
			list = append(list, i)
		}
		i++
	}
	return list
}

// lateness finds the times in which a span's own time is the network's.
type lateness map[int32][]Late

func newLateness(t *Tree, l *timeline) lateness {
	var of lateness
	for _, s := range t.Spans {
		if s.Retransmissions == 0 {
			continue
		}
		of = lateness{}
		for _, late := range t.late(l) {
			for _, i := range late.Spans {
				of[i] = append(of[i], late)
			}
		}
		break
	}
	return of
}

// split cuts a hold where a request came late; what is the network's is between two points
// of the request's way.
func (of lateness) split(h hold, yield func(hold)) {
	for _, late := range of[h.span] {
		from, to := max(late.From, h.from), min(late.To, h.to)
		if from >= to {
			continue
		}
		if from > h.from {
			yield(hold{h.span, h.from, from, h.before, h.after})
		}
		yield(hold{late.Before, from, to, none, late.After})
		h.from = to
	}
	if h.from < h.to {
		yield(h)
	}
}

// resent is how many packets were sent again on the way a hold is about.
func (t *Tree) resent(h hold) int {
	n := t.Spans[h.span].Retransmissions
	for _, k := range [2]int32{h.before, h.after} {
		if k != none {
			n = max(n, t.Spans[k].Retransmissions)
		}
	}
	return min(int(n), math.MaxUint16)
}
