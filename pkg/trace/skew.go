package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Skew is a clock that contradicts another one: a callee that began before it was called.
type Skew struct {
	Of      string `json:"of"` // the node whose clock it is, or the service where nodes are not known
	Against string `json:"against"`
	// Time is by how many ns the clock of Of is ahead of Against's, about.
	Time int64 `json:"time"`
	// Aligned is true where times are shown without it.
	Aligned bool   `json:"aligned"`
	Span    string `json:"span"` // where it shows

	row int32
}

// skew finds the clocks that contradict each other in the scope.
func (c scope) skew() []Skew {
	t := c.t
	type pair struct{ of, against string }
	found := map[pair]*Skew{}
	for i := c.root + 1; i < t.last[c.root]; i++ {
		p := t.Parent[i]
		s, q := t.Spans[i], t.Spans[p]
		if s.Node != q.Node && slices.Contains(t.Skewed, s.Node) != slices.Contains(t.Skewed, q.Node) {
			of, against, row := s.Node, q.Node, i
			if slices.Contains(t.Skewed, q.Node) {
				of, against = q.Node, s.Node
			}
			k := pair{of, against}
			if found[k] == nil && of != "" && against != "" {
				found[k] = &Skew{Of: of, Against: against, Time: t.Offsets[of] - t.Offsets[against], Aligned: true, Span: span.FormatID(s.ID), row: row}
			}
			continue
		}
		if ahead, ok := c.contradicts(i, p); ok {
			k := pair{t.services[i], t.services[p]}
			if old := found[k]; old == nil || max(ahead, -ahead) > max(old.Time, -old.Time) {
				found[k] = &Skew{Of: k.of, Against: k.against, Time: ahead, Span: span.FormatID(s.ID), row: i}
			}
		}
	}
	list := make([]Skew, 0, len(found))
	for _, s := range found {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(x, y Skew) int { return cmp.Compare(x.row, y.row) })
	return list
}

// contradicts reports whether a callee's span, as times are shown, begins before its caller's,
// or only after it although the caller had its answer; and by how much its clock is ahead.
func (c scope) contradicts(i, p int32) (ahead int64, ok bool) {
	s, q := c.t.Spans[i], c.t.Spans[p]
	if s.Source != span.APP || q.Source != span.APP || s.Kind != span.KindServer || c.t.Gap[i] == 0 && s.Service == q.Service {
		return 0, false
	}
	early := c.start[i] < c.start[p]-rounding
	late := c.start[i] > c.end[p]+rounding && !q.Status.Error()
	if !early && !late {
		return 0, false
	}
	return (c.start[i]+c.end[i])/2 - (c.start[p]+c.end[p])/2, true
}
