package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Together says how equal spans ran: "" where there is one, or where they did both.
type Together string

// The ways.
const (
	OneAfterTheOther Together = "one after the other"
	AtOnce           Together = "at once"
)

func (w Together) text() string {
	if w == "" {
		return ""
	}
	return words.Say(string(w))
}

// minFolded is how many spans must differ in numbers only to be taken for one work: two
// steps may well be called step-1 and step-2.
const minFolded = 5

// equals finds the spans of a scope that do the same work: of the same service, source,
// point, kind and peer, and with the same name but for numbers and ids.
type equals struct {
	scope
	list []equalSpans
	at   []int32 // by span, from the scope's root on: its place in list; none outside of the range
}

// work is what spans have in common that are equal.
type work struct {
	name, peer, service string
	source              span.Source
	point               span.Point
	kind                span.Kind
}

// equalSpans is what is known of the spans of one work.
type equalSpans struct {
	rows     []int32 // in order of the tree
	known    bool    // the rest
	name     string
	together Together
}

func newEquals(c scope) *equals {
	e := &equals{scope: c, at: make([]int32, c.t.last[c.root]-c.root)}
	folded := map[string]string{}
	index := map[work]int{}
	var groups [][]int32
	for i := c.root; i < c.t.last[c.root]; i++ {
		e.at[i-c.root] = none
		if c.start[i] > c.to || c.end[i] < c.from {
			continue
		}
		s := c.t.Spans[i]
		name, ok := folded[nameIn(s)]
		if !ok {
			name = Fold(nameIn(s))
			folded[nameIn(s)] = name
		}
		k := work{name, PeerOf(s).Name, c.t.services[i], s.Source, s.Point, s.Kind}
		n, ok := index[k]
		if !ok {
			n = len(groups)
			index[k] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], i)
	}
	for _, rows := range groups {
		if len(rows) >= minFolded {
			e.take(rows)
			continue
		}
		for len(rows) > 0 { // one for each name
			name := nameIn(c.t.Spans[rows[0]])
			var same, rest []int32
			for _, i := range rows {
				if nameIn(c.t.Spans[i]) == name {
					same = append(same, i)
				} else {
					rest = append(rest, i)
				}
			}
			e.take(same)
			rows = rest
		}
	}
	return e
}

func (e *equals) take(rows []int32) {
	for _, i := range rows {
		e.at[i-e.root] = int32(len(e.list))
	}
	e.list = append(e.list, equalSpans{rows: rows})
}

// workOf numbers the span's work, none for spans outside of the scope.
func (e *equals) workOf(i int32) int32 {
	if i < e.root || i >= e.t.last[e.root] {
		return none
	}
	return e.at[i-e.root]
}

// of says what equal spans of i are called, how many there are, and how they ran.
func (e *equals) of(i int32) (name string, count int, together Together) {
	n := e.workOf(i)
	if n == none {
		return spoken(e.t.Spans[i]), 1, ""
	}
	s := &e.list[n]
	if !s.known {
		s.known, s.name, s.together = true, e.nameFor(s.rows), e.togetherness(s.rows)
	}
	return s.name, len(s.rows), s.together
}

// nameFor is what all of the spans are called, or the folded form of it.
func (e *equals) nameFor(rows []int32) string {
	name := nameIn(e.t.Spans[rows[0]])
	for _, i := range rows[1:] {
		if nameIn(e.t.Spans[i]) != name {
			return shorten(Fold(name), maxName)
		}
	}
	return shorten(name, maxName)
}

// togetherness compares the sum of the spans' times with the time in which any of them ran.
// Spans within each other did neither.
func (e *equals) togetherness(rows []int32) Together {
	for n, i := range rows[1:] {
		if i < e.t.last[rows[n]] {
			return ""
		}
	}
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(x, y int32) int { return cmp.Compare(e.start[x], e.start[y]) })
	sum, union, until := int64(0), int64(0), e.start[sorted[0]]
	for _, i := range sorted {
		sum += e.end[i] - e.start[i]
		if e.end[i] > until {
			union += e.end[i] - max(until, e.start[i])
			until = e.end[i]
		}
	}
	switch {
	case union == 0 || len(rows) < 2:
		return ""
	case sum-union <= union/20:
		return OneAfterTheOther
	case sum-union >= union/2:
		return AtOnce
	}
	return ""
}

// spoken is a span's name in a sentence.
func spoken(s *span.Span) string { return shorten(nameIn(s), maxName) }

// nameIn is what a span is called: of system calls and packets it is the request.
func nameIn(s *span.Span) string {
	if s.Source == span.APP {
		return s.Endpoint
	}
	return s.Request()
}
