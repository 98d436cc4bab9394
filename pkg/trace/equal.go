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

// equals finds the spans that do the same work: of the same service, source, point, kind and
// peer, and with the same name but for numbers and ids. What is one work is decided over the
// whole trace, so that a range of it uses the same names; a scope counts its own spans.
type equals struct {
	scope
	rows [][]int32 // of each work, in order of the tree
	at   []int32   // the work of each span
	said map[int32]equalSpans
}

// work is what spans have in common that are equal.
type work struct {
	name, peer, service string
	source              span.Source
	point               span.Point
	kind                span.Kind
}

// equalSpans is what is known of the spans of one work in the scope.
type equalSpans struct {
	name     string
	count    int
	together Together
}

func newEquals(c scope) *equals {
	e := &equals{scope: c, at: make([]int32, len(c.t.Spans)), said: map[int32]equalSpans{}}
	folded := map[string]string{}
	index := map[work]int{}
	var groups [][]int32
	for i, s := range c.t.Spans {
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
		groups[n] = append(groups[n], int32(i))
	}
	for _, rows := range groups {
		if len(rows) >= minFolded || len(rows) == 1 {
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
		e.at[i] = int32(len(e.rows))
	}
	e.rows = append(e.rows, rows)
}

// of says what equal spans of i in the scope are called, how many there are, and how they ran.
func (e *equals) of(i int32) equalSpans {
	n := e.at[i]
	s, ok := e.said[n]
	if !ok {
		rows := slices.DeleteFunc(slices.Clone(e.rows[n]), func(k int32) bool {
			return k < e.root || k >= e.t.last[e.root] || e.start[k] > e.to || e.end[k] < e.from
		})
		s = equalSpans{name: e.nameFor(e.rows[n]), count: max(1, len(rows)), together: e.togetherness(rows)}
		e.said[n] = s
	}
	return s
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
	if len(rows) < 2 {
		return ""
	}
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
	case union == 0:
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
