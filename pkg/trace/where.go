package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Breakdown says where the time of a trace, a range of it or a subtree went. Every instant
// belongs to one holder, so the layers add up to Duration exactly, and so do the services
// and the parts.
type Breakdown struct {
	Span     string        `json:"span"` // whose time it is: the main root's or the subtree's root
	From     int64         `json:"from"` // Unix nanoseconds by the main root's clock
	To       int64         `json:"to"`
	Duration int64         `json:"duration"`
	Layers   Layers        `json:"layers"`
	Services []ServiceTime `json:"services"` // most first
	Parts    []Part        `json:"parts"`    // most first
	// Sentence names the largest part and where it is.
	Sentence string `json:"sentence"`
}

// Layers is nanoseconds by layer.
type Layers struct {
	Code    int64 `json:"code"`
	Kernel  int64 `json:"kernel"` // kernel + queue
	Network int64 `json:"network"`
	NotSeen int64 `json:"not_seen"`
}

func (l *Layers) add(layer Layer, ns int64) {
	switch layer {
	case Code:
		l.Code += ns
	case Kernel:
		l.Kernel += ns
	case Network:
		l.Network += ns
	default:
		l.NotSeen += ns
	}
}

// Total is the sum of the layers.
func (l Layers) Total() int64 { return l.Code + l.Kernel + l.Network + l.NotSeen }

// ServiceTime is one service's share. Network time is counted at the caller.
type ServiceTime struct {
	Service string `json:"service"`
	Layers
	Time int64 `json:"total"`
}

// Part is all the time of one kind at one place.
type Part struct {
	Layer   string `json:"layer"`
	Service string `json:"service"`
	Text    string `json:"text"`
	Time    int64  `json:"time"`
	Spans   int    `json:"spans"` // how many spans hold it
	// Span holds the most of it; Name is what that span is called or asks for.
	Span string `json:"span"`
	Name string `json:"name"`
	// Retransmissions are, of network time, the packets sent again on the way.
	Retransmissions int `json:"retransmissions,omitempty"`

	rule   reading
	mainly int // spans that hold at least a tenth of what Span holds
}

// Where says where the time went: of the subtree of the span with that index (below zero:
// of the main root), between from and to (zero: open). Times are by the main root's clock.
func Where(t *Tree, from, to int64, subtree int32) Breakdown {
	if subtree < 0 || int(subtree) >= len(t.Spans) {
		subtree = 0
	}
	if len(t.Spans) == 0 {
		return Breakdown{Services: []ServiceTime{}, Parts: []Part{}, Sentence: "no spans"}
	}
	l := newTimeline(t)
	b := Breakdown{Span: span.FormatID(t.Spans[subtree].ID), From: l.start[subtree], To: l.end[subtree], Services: []ServiceTime{}}
	if from != 0 {
		b.From = min(max(b.From, from), b.To)
	}
	if to != 0 {
		b.To = max(min(b.To, to), b.From)
	}
	b.Duration = b.To - b.From
	services := make(map[string]*ServiceTime)
	parts := newPartList(t)
	late := newLateness(t, l)
	for _, h := range l.spine(subtree) {
		late.split(h, func(h hold) {
			ns := min(h.to, b.To) - max(h.from, b.From)
			if ns <= 0 {
				return
			}
			r := t.read(h)
			b.Layers.add(r.layer, ns)
			s, ok := services[r.service]
			if !ok {
				s = &ServiceTime{Service: r.service}
				services[r.service] = s
			}
			s.add(r.layer, ns)
			s.Time += ns
			parts.add(r, h, ns)
		})
	}
	for _, s := range services {
		b.Services = append(b.Services, *s)
	}
	slices.SortFunc(b.Services, func(x, y ServiceTime) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Service, y.Service))
	})
	b.Parts = parts.list()
	b.Sentence = b.sentence()
	return b
}

// partList adds holds up by what they are.
type partList struct {
	t     *Tree
	index map[reading]int32
	parts []Part
	holds []partHold
}

// partHold is what one span holds of a part.
type partHold struct {
	part, span int32
	named      int32 // the span whose request names it
	time       int64
	resent     int
}

func newPartList(t *Tree) *partList {
	return &partList{t: t, index: make(map[reading]int32)}
}

func (l *partList) add(r reading, h hold, ns int64) {
	k, ok := l.index[r]
	if !ok {
		k = int32(len(l.parts))
		l.index[r] = k
		l.parts = append(l.parts, Part{rule: r})
	}
	named := h.span
	if r.what == "before request" {
		named = h.after
	}
	l.parts[k].Time += ns
	resent := 0
	if r.layer == Network {
		resent = l.t.resent(h)
	}
	l.holds = append(l.holds, partHold{k, h.span, named, ns, resent})
}

func (l *partList) list() []Part {
	slices.SortFunc(l.holds, func(x, y partHold) int {
		return cmp.Or(cmp.Compare(x.part, y.part), cmp.Compare(x.span, y.span))
	})
	for len(l.holds) > 0 {
		n := 0
		for n < len(l.holds) && l.holds[n].part == l.holds[0].part {
			n++
		}
		l.finish(l.holds[:n])
		l.holds = l.holds[n:]
	}
	slices.SortFunc(l.parts, func(x, y Part) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Text, y.Text), cmp.Compare(x.Span, y.Span))
	})
	if l.parts == nil {
		return []Part{}
	}
	return l.parts
}

// finish describes a part by all its holds, which are in order of span.
func (l *partList) finish(holds []partHold) {
	p := &l.parts[holds[0].part]
	merged := holds[:1]
	for _, h := range holds[1:] {
		if last := &merged[len(merged)-1]; last.span == h.span {
			last.time += h.time
			last.resent = max(last.resent, h.resent)
		} else {
			merged = append(merged, h)
		}
	}
	most := merged[0]
	for _, h := range merged {
		if h.time > most.time {
			most = h
		}
	}
	for _, h := range merged {
		if h.time >= most.time/10 {
			p.mainly++
		}
		p.Retransmissions += h.resent
	}
	p.Layer, p.Service, p.Text = p.rule.layer.String(), p.rule.service, p.rule.text()
	p.Spans, p.Span, p.Name = len(merged), span.FormatID(l.t.Spans[most.span].ID), nameIn(l.t.Spans[most.named])
}

// nameIn is what a span is called in a sentence.
func nameIn(s *span.Span) string {
	if s.Source == span.APP {
		return s.Endpoint
	}
	return s.Request()
}

// sentence names the largest part.
func (b *Breakdown) sentence() string {
	if len(b.Parts) == 0 {
		return "no time passed"
	}
	p := b.Parts[0]
	text := formatDuration(p.Time) + " of " + formatDuration(b.Duration) + ": " + p.Text
	switch {
	case p.mainly > 1 && p.Name != "":
		text += ", in " + itoa(p.mainly) + " spans, most in " + p.Name
	case p.mainly > 1:
		text += ", in " + itoa(p.mainly) + " spans"
	case p.Name != "":
		text += ", " + p.Name
	}
	switch p.Retransmissions {
	case 0:
	case 1:
		text += ", 1 retransmission"
	default:
		text += ", " + itoa(p.Retransmissions) + " retransmissions"
	}
	return text
}
