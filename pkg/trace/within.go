package trace

import (
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// rounding is what SDKs lose of a time: JavaScript's cut starts to whole milliseconds.
const rounding = int64(time.Millisecond)

// findWithin finds in whose time each span ran, which is its parent's but for code that
// outlived it. A caller that ended did not wait any more: the time after its end is that of
// the nearest caller in the same service that was still there; if there is none, or if the
// work was handed over by a message, the span is asynchronous and holds nobody's time.
//
// It also lists who ran within each span, for whoever sums time up.
func (t *Tree) findWithin() {
	n := len(t.Spans)
	t.Within = make([]int32, n)
	t.firstInner = make([]int32, n+1)
	for i := range t.Spans {
		w := t.withinOf(int32(i))
		t.Within[i] = w
		if w != none {
			t.firstInner[w+1]++
		}
	}
	for i := range n {
		t.firstInner[i+1] += t.firstInner[i]
	}
	next := append([]int32(nil), t.firstInner[:n]...)
	t.inner = make([]int32, t.firstInner[n])
	for i, w := range t.Within {
		if w != none {
			t.inner[next[w]] = int32(i)
			next[w]++
		}
	}
}

func (t *Tree) withinOf(i int32) int32 {
	p := t.Parent[i]
	if p == none || t.Spans[i].Source != span.APP || t.Spans[p].Source != span.APP {
		return p
	}
	s, q := t.Spans[i], t.Spans[p]
	if handedOver(s, q) {
		return none
	}
	if s.Kind == span.KindServer || s.Service != q.Service {
		return p // another process: its clock may differ, and a caller may give up waiting
	}
	end := s.End()
	for w := p; w != none; w = t.Within[w] {
		x := t.Spans[w]
		if x.Source != span.APP || x.Service != s.Service {
			break
		}
		if end <= x.End()+rounding {
			return w
		}
	}
	return none
}

// handedOver reports whether s took a message that q sent: q did not wait for it, unless it
// was delivered inside the very call.
func handedOver(s, q *span.Span) bool {
	if s.Kind != span.KindConsumer {
		return false
	}
	if s.Service == q.Service && s.Start >= q.Start && s.End() <= q.End()+rounding {
		return false
	}
	return q.Kind == span.KindProducer || q.Kind == span.KindClient || s.Service != q.Service
}

// Asynchronous reports whether nobody waited for the span.
func (t *Tree) Asynchronous(i int32) bool { return t.Parent[i] != none && t.Within[i] == none }

// innerOf are the spans that ran within the time of i.
func (t *Tree) innerOf(i int32) []int32 { return t.inner[t.firstInner[i]:t.firstInner[i+1]] }
