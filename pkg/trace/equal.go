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
	at    []int32 // the work of each span
	rows  []int32 // of one work after the other, in order of the tree
	first []int32 // where each work's rows begin, and their end
	names nameTable
	peers []string     // of each work
	said  []equalSpans // of each work, once it was asked for
	buf   []int32
}

// work is what spans have in common that are equal, by numbers of names.
type work struct {
	name, peer, service int32
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
	n := len(c.t.Spans)
	e := &equals{scope: c, at: make([]int32, n), names: newNameTable(c.t.Spans)}
	peers, services := numbering[string]{}, numbering[string]{}
	works, sizes := numbering[work]{}, []int32{}
	for i, s := range c.t.Spans {
		peer := PeerOf(s).Name
		k := work{e.names.foldOf[e.names.of[i]], peers.number(peer), services.number(c.t.services[i]), s.Source, s.Point, s.Kind}
		w := works.number(k)
		if int(w) == len(sizes) {
			sizes = append(sizes, 0)
			e.peers = append(e.peers, peer)
		}
		sizes[w]++
		e.at[i] = w
	}
	// A few are told apart by their whole names. The first name keeps the work's number.
	type named struct{ work, name int32 }
	apart, known := map[named]int32{}, make([]bool, len(sizes))
	for i, w := range e.at {
		if sizes[w] == 1 || sizes[w] >= minFolded {
			continue
		}
		k := named{w, e.names.of[i]}
		own, ok := apart[k]
		if !ok {
			if own = w; known[w] {
				own = int32(len(e.peers))
				e.peers = append(e.peers, e.peers[w])
			}
			apart[k], known[w] = own, true
		}
		e.at[i] = own
	}
	e.rows, e.first = gathered(e.at, len(e.peers))
	e.said = make([]equalSpans, len(e.peers))
	return e
}

// gathered lists the places of each number below n one after the other, and where each
// number's begin.
func gathered(numbers []int32, n int) (places, first []int32) {
	first = make([]int32, n+1)
	for _, k := range numbers {
		first[k+1]++
	}
	for k := range n {
		first[k+1] += first[k]
	}
	places, next := make([]int32, len(numbers)), slices.Clone(first)
	for i, k := range numbers {
		places[next[k]] = int32(i)
		next[k]++
	}
	return places, first
}

// of says what equal spans of i in the scope are called, how many there are, and how they ran.
func (e *equals) of(i int32) equalSpans {
	w := e.at[i]
	s := &e.said[w]
	if s.count == 0 {
		all, rows := e.rows[e.first[w]:e.first[w+1]], e.buf[:0]
		for _, k := range all {
			if k >= e.root && k < e.t.last[e.root] && e.start[k] <= e.to && e.end[k] >= e.from {
				rows = append(rows, k)
			}
		}
		*s = equalSpans{name: e.nameFor(all), count: max(1, len(rows)), together: e.togetherness(rows)}
		e.buf = rows
	}
	return *s
}

// nameFor is what all of the spans are called, or the folded form of it.
func (e *equals) nameFor(rows []int32) string {
	name := e.names.of[rows[0]]
	for _, i := range rows[1:] {
		if e.names.of[i] != name {
			return shorten(e.names.folds[e.names.foldOf[name]], maxName)
		}
	}
	return shorten(e.names.texts[name], maxName)
}

// togetherness compares the sum of the spans' times with the time in which any of them ran.
// Spans within each other did neither. It puts the rows in order of time.
func (e *equals) togetherness(rows []int32) Together {
	if len(rows) < 2 {
		return ""
	}
	for n, i := range rows[1:] {
		if i < e.t.last[rows[n]] {
			return ""
		}
	}
	slices.SortStableFunc(rows, func(x, y int32) int { return cmp.Compare(e.start[x], e.start[y]) })
	sum, union, until := int64(0), int64(0), e.start[rows[0]]
	for _, i := range rows {
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
