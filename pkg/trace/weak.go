package trace

import "github.com/throughline-io/throughline/pkg/span"

// manyWeak bounds the weak links offered for one orphan.
const manyWeak = 3

// weakLinks offers for each orphan what was open in its process when it began. Nothing
// but time (and perhaps the trace id) speaks for them.
func (a *assembly) weakLinks(at []int32) []WeakLink {
	var orphans []int32
	wanted := make(map[int32][]int32) // host: its s-p's and APP spans
	for i, p := range a.parent {
		if p != none || at[i] == 0 {
			continue
		}
		if host := a.originOf(int32(i)); host != none {
			orphans = append(orphans, int32(i))
			wanted[host] = nil
		}
	}
	if len(orphans) == 0 {
		return nil
	}
	for i, s := range a.s {
		if s.Source == span.APP || s.Point == span.PointServerProcess {
			if list, ok := wanted[a.host[i]]; ok {
				wanted[a.host[i]] = append(list, int32(i))
			}
		}
	}
	covers := make(map[int32]*cover, len(wanted))
	for host, list := range wanted {
		if len(list) > 0 {
			covers[host] = newCover(list, a.lifetime)
		}
	}
	var weak []WeakLink
	for _, i := range orphans {
		weak = a.offer(weak, i, covers[a.originOf(i)], at)
	}
	return weak
}

// originOf is the host in which an orphan's cause has to be looked for.
func (a *assembly) originOf(i int32) int32 {
	if s := a.s[i]; s.Source != span.APP && s.Point.Client() {
		return a.callerHost(i)
	} else if s.Source != span.APP {
		return none
	}
	return a.host[i]
}

// offer adds the innermost spans that cover the orphan's start: those of another trace
// never, and none where there are more than a few.
func (a *assembly) offer(weak []WeakLink, i int32, c *cover, at []int32) []WeakLink {
	s := a.s[i]
	var open []int32
	c.each(s.Start, func(o int32) bool {
		t := a.s[o]
		if o == i || a.below(o, i) || !s.TraceID.IsZero() && !t.TraceID.IsZero() && s.TraceID != t.TraceID {
			return true
		}
		open = append(open, o)
		return len(open) <= someOpen
	})
	if len(open) > someOpen {
		return weak
	}
	above := make(map[int32]bool, len(open))
	for _, o := range open {
		if p := a.parent[o]; p != none {
			above[p] = true
		}
	}
	n := len(weak)
	for _, o := range open {
		if above[o] {
			continue
		}
		if len(weak)-n == manyWeak {
			return weak[:n] // so many that it says nothing
		}
		reason := "open in the same process when it began; only time speaks for it"
		if !s.TraceID.IsZero() && s.TraceID == a.s[o].TraceID {
			reason = "of the same trace and open in the same process when it began; only time speaks for it"
		}
		weak = append(weak, WeakLink{Span: at[i], Parent: at[o], Reason: reason})
	}
	return weak
}

// below reports whether o is in the tree of i, looking up a few levels: a call back into
// the process is the rare case, and a weak link to a descendant does no harm.
func (a *assembly) below(o, i int32) bool {
	for k := 0; k < 64 && o != none; k++ {
		if o == i {
			return true
		}
		o = a.parent[o]
	}
	return false
}
