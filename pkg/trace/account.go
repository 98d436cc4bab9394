package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Account says where the time of a trace, a range of it or a subtree went, and what else is
// to be said of it. Every instant until the answer belongs to one holder, so the layers add
// up to Duration exactly, and so do the services and the parts. Work after the answer is
// told beside it and is in no sum.
type Account struct {
	Span     string        `json:"span"` // whose time it is: the main root's or the subtree's root
	From     int64         `json:"from"` // Unix nanoseconds by the main root's clock
	To       int64         `json:"to"`
	Duration int64         `json:"duration"`
	Layers   Layers        `json:"layers"`
	Services []ServiceTime `json:"services"` // most first
	Parts    []Part        `json:"parts"`    // most first
	Async    []Async       `json:"async,omitempty"`
	Retries  []Retry       `json:"retries,omitempty"`
	Errors   Errors        `json:"errors"`
	Skew     []Skew        `json:"skew,omitempty"`
	// Sentence is the answer: the largest part and where it is. Remarks are what must be known
	// beside it.
	Sentence string   `json:"sentence"`
	Remarks  []Remark `json:"remarks,omitempty"`
}

// ServiceTime is one service's share. Network time, and time spent waiting for a peer, is
// counted at the caller.
type ServiceTime struct {
	Service string `json:"service"`
	Layers
	Time int64 `json:"total"`
}

// scope is what an account is about: the subtree of root, between two times.
type scope struct {
	*timeline
	root     int32
	from, to int64
	whole    bool // no range was asked for
}

// Where says where the time went: of the subtree of the span with that index (below zero:
// of the main root), between from and to (zero: open). Times are by the main root's clock.
func Where(t *Tree, from, to int64, subtree int32) Account {
	if subtree < 0 || int(subtree) >= len(t.Spans) {
		subtree = 0
	}
	if len(t.Spans) == 0 {
		return Account{Services: []ServiceTime{}, Parts: []Part{}, Sentence: words.Say("no spans")}
	}
	l := newTimeline(t)
	c := scope{l, subtree, l.start[subtree], l.end[subtree], from == 0 && to == 0}
	if from != 0 {
		c.from = min(max(c.from, from), c.to)
	}
	if to != 0 {
		c.to = max(min(c.to, to), c.from)
	}
	a := Account{Span: span.FormatID(t.Spans[subtree].ID), From: c.from, To: c.to, Duration: c.to - c.from}
	a.divide(c)
	if c.whole {
		a.Async = c.async()
	}
	a.Retries, a.Errors, a.Skew = c.retries(), c.errors(), c.skew()
	a.Sentence = a.headline()
	a.Remarks = a.remarks(c)
	return a
}

// divide sums the holds up by part, and the parts by layer and service.
func (a *Account) divide(c scope) {
	parts := newPartList(c)
	late := newLateness(c.t, c.timeline)
	spine := c.spine(c.root)
	parts.holds = make([]partHold, 0, len(spine))
	for _, h := range spine {
		late.split(h, func(h hold) {
			if ns := min(h.to, c.to) - max(h.from, c.from); ns > 0 {
				parts.add(h, ns)
			}
		})
	}
	a.Parts = parts.list(a.Duration)
	services := make(map[string]*ServiceTime)
	for i := range a.Parts {
		p := &a.Parts[i]
		s, ok := services[p.Who]
		if !ok {
			s = &ServiceTime{Service: p.Who}
			services[p.Who] = s
		}
		s.add(p.rule.layer, p.Time)
		s.Time += p.Time
		a.Layers.add(p.rule.layer, p.Time)
	}
	a.Services = make([]ServiceTime, 0, len(services))
	for _, s := range services {
		a.Services = append(a.Services, *s)
	}
	slices.SortFunc(a.Services, func(x, y ServiceTime) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Service, y.Service))
	})
}

// headline names the largest part.
func (a *Account) headline() string {
	if len(a.Parts) == 0 {
		return words.Say("no time")
	}
	p := &a.Parts[0]
	return words.Say("headline", "time", FormatDuration(p.Time), "total", FormatDuration(a.Duration), "part", p.Text)
}
