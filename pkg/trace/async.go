package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Async is a service's work that nobody waited for: what ran on after the answer, and what
// took over by a message.
type Async struct {
	Service string `json:"service"`
	Name    string `json:"name"`  // of the span that began most of it
	Count   int    `json:"count"` // spans that began it
	Time    int64  `json:"time"`  // ns in which any of it ran
	After   int64  `json:"after"` // ns of Time after the answer
	Start   int64  `json:"start"` // Unix ns by the main root's clock
	Span    string `json:"span"`
}

type interval struct{ from, to int64 }

// async finds the subtrees that ran on after the answer, or beside it without holding it.
func (c scope) async() []Async {
	type work struct {
		Async
		ran  []interval
		most int64
	}
	all := map[string]*work{}
	for i := c.root + 1; i < c.t.last[c.root]; {
		s := c.t.Spans[i]
		if s.Source != span.APP || !c.t.Asynchronous(i) && c.end[i] <= c.to+rounding {
			i++
			continue
		}
		w := all[c.t.services[i]]
		if w == nil {
			w = &work{Async: Async{Service: c.t.services[i], Start: c.start[i]}}
			all[c.t.services[i]] = w
		}
		w.Count++
		w.Start = min(w.Start, c.start[i])
		from := len(w.ran)
		for k := i; k < c.t.last[i]; k++ {
			w.ran = append(w.ran, interval{c.start[k], c.end[k]})
		}
		if time, _ := covered(w.ran[from:], c.to); w.Span == "" || time > w.most {
			w.most, w.Name, w.Span = time, spoken(s), span.FormatID(s.ID)
		}
		i = c.t.last[i]
	}
	list := make([]Async, 0, len(all))
	for _, w := range all {
		w.Time, w.After = covered(w.ran, c.to)
		list = append(list, w.Async)
	}
	slices.SortFunc(list, func(x, y Async) int {
		return cmp.Or(cmp.Compare(y.After, x.After), cmp.Compare(y.Time, x.Time), cmp.Compare(x.Service, y.Service))
	})
	return list
}

// covered is the time that any of the intervals covers, and how much of it is after a time.
func covered(list []interval, after int64) (time, late int64) {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(x, y interval) int { return cmp.Compare(x.from, y.from) })
	until := int64(-farthest) * 2
	for _, v := range sorted {
		from := max(v.from, until)
		if v.to <= from {
			continue
		}
		time += v.to - from
		late += max(0, v.to-max(from, after))
		until = v.to
	}
	return time, late
}
