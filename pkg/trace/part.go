package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Part is all the time of one kind at one place: who spent it on what, or waited for whom.
type Part struct {
	Key  string `json:"key"`  // the same from one trace to the next
	Kind string `json:"kind"` // a layer's name: code, kernel, network, not seen, waiting
	Who  string `json:"who"`  // whose time it is
	Peer string `json:"peer,omitempty"`
	Time int64  `json:"time"`
	// Share is Time of the account's duration, 0 to 1.
	Share float64 `json:"share"`
	Spans int     `json:"spans"` // how many spans hold it
	// Span holds the most of it.
	Span string `json:"span"`
	// Items are the same work under one name, most time first, and so Items[0] is what a
	// sentence names. Spans that are equal but for numbers and ids in their names are one item.
	Items []Item `json:"items"`
	// More is how many items were left out.
	More int `json:"more,omitempty"`
	// Retransmissions are, of network time, the packets sent again on the way.
	Retransmissions int    `json:"retransmissions,omitempty"`
	Text            string `json:"text"`

	rule   reading
	mainly int // spans that hold at least a tenth of what Span holds
}

// Item is the time of equal spans in a part.
type Item struct {
	Name string `json:"name"`
	Time int64  `json:"time"`
	// Count is how many equal spans there are, Held how many of them hold a good part of the
	// item's time.
	Count    int      `json:"count"`
	Held     int      `json:"held"`
	Together Together `json:"together,omitempty"`
	Span     string   `json:"span"` // holds the most of it

	most int32
}

// maxItems bounds the items that a part lists.
const maxItems = 8

// partList adds holds up by what they are.
type partList struct {
	scope
	equals *equals
	index  numbering[reading]
	parts  []Part
	holds  []partHold
}

// partHold is what one span holds of a part.
type partHold struct {
	part, item, span int32 // item: the work of the span that names it
	named            int32 // the span whose request names it
	time             int64
	resent           int
}

func newPartList(c scope) *partList {
	return &partList{scope: c, equals: newEquals(c), index: numbering[reading]{}, parts: make([]Part, 0, 16)}
}

func (l *partList) add(h hold, ns int64) {
	r := l.read(h)
	k := l.index.number(r)
	if int(k) == len(l.parts) {
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
	l.holds = append(l.holds, partHold{k, l.equals.at[named], h.span, named, ns, resent})
}

func (l *partList) list(total int64) []Part {
	for _, holds := range l.divided() {
		l.finish(holds, total)
	}
	slices.SortFunc(l.parts, func(x, y Part) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Key, y.Key))
	})
	return l.parts
}

// divided is the holds of each part, in order of item and span. Numbers are sorted by counting,
// the last key first.
func (l *partList) divided() [][]partHold {
	order := make([]int32, len(l.holds))
	for i := range order {
		order[i] = int32(i)
	}
	keys := make([]int32, len(l.holds))
	by := func(n int, key func(*partHold) int32) (first []int32) {
		for i, k := range order {
			keys[i] = key(&l.holds[k])
		}
		places, first := gathered(keys, n)
		for i, place := range places {
			places[i] = order[place]
		}
		order = places
		return first
	}
	by(len(l.t.Spans), func(h *partHold) int32 { return h.span })
	by(len(l.equals.peers), func(h *partHold) int32 { return h.item })
	first := by(len(l.parts), func(h *partHold) int32 { return h.part })
	sorted, all := make([]partHold, len(l.holds)), make([][]partHold, len(l.parts))
	for i, k := range order {
		sorted[i] = l.holds[k]
	}
	for k := range all {
		all[k] = sorted[first[k]:first[k+1]]
	}
	return all
}

// finish describes a part by all its holds, which are in order of item and span.
func (l *partList) finish(holds []partHold, total int64) {
	p := &l.parts[holds[0].part]
	merged := holds[:1]
	for _, h := range holds[1:] {
		if last := &merged[len(merged)-1]; last.span == h.span && last.item == h.item {
			last.time += h.time
			last.resent = max(last.resent, h.resent)
		} else {
			merged = append(merged, h)
		}
	}
	most := merged[0]
	for _, h := range merged {
		if h.time > most.time || h.time == most.time && h.span < most.span {
			most = h
		}
	}
	for _, h := range merged {
		if h.time >= most.time/10 {
			p.mainly++
		}
		p.Retransmissions += h.resent
	}
	p.Key, p.Kind, p.Who, p.Peer = p.rule.key(), p.rule.layer.String(), p.rule.who, p.rule.peer
	p.Spans, p.Span = len(merged), span.FormatID(l.t.Spans[most.span].ID)
	if total > 0 {
		p.Share = float64(p.Time) / float64(total)
	}
	l.itemize(p, merged)
	p.Text = p.text()
}

// itemize gathers a part's holds by name.
func (l *partList) itemize(p *Part, merged []partHold) {
	n := 1
	for k := 1; k < len(merged); k++ {
		if merged[k].item != merged[k-1].item {
			n++
		}
	}
	p.Items = make([]Item, 0, n)
	for len(merged) > 0 {
		n := 0
		most := merged[0]
		item := Item{}
		for n < len(merged) && merged[n].item == merged[0].item {
			item.Time += merged[n].time
			if merged[n].time > most.time {
				most = merged[n]
			}
			n++
		}
		for _, h := range merged[:n] {
			if h.time >= most.time/10 {
				item.Held++
			}
		}
		item.most = most.span
		equal := l.equals.of(most.named)
		item.Name, item.Count, item.Together = equal.name, equal.count, equal.together
		p.Items = append(p.Items, item)
		merged = merged[n:]
	}
	slices.SortFunc(p.Items, func(x, y Item) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.most, y.most))
	})
	if p.More = max(0, len(p.Items)-maxItems); p.More > 0 {
		p.Items = p.Items[:maxItems]
	}
	for i := range p.Items {
		p.Items[i].Span = span.FormatID(l.t.Spans[p.Items[i].most].ID)
	}
}

// text is the part in words: what it is, and the item that makes most of it.
func (p *Part) text() string {
	text := p.rule.text() + p.detail()
	switch p.Retransmissions {
	case 0:
	case 1:
		text += words.Say("retransmission")
	default:
		text += words.Say("retransmissions", "n", itoa(p.Retransmissions))
	}
	return text
}

func (p *Part) detail() string {
	item := &p.Items[0]
	equal := item.Count > 1 && item.Name != ""
	some := item.Together == AtOnce && item.Held < item.Count
	pairs := func() []string {
		return []string{"name", item.Name, "count", itoa(item.Count), "some", itoa(item.Held), "time", FormatDuration(item.Time)}
	}
	switch {
	case equal && item.Time*20 >= p.Time*19 && some:
		return words.Say("detail some", pairs()...) + item.Together.text()
	case equal && item.Time*20 >= p.Time*19:
		return words.Say("detail equal", pairs()...) + item.Together.text()
	case equal && item.Time*2 >= p.Time && some:
		return words.Say("detail mostly some", pairs()...) + item.Together.text()
	case equal && item.Time*2 >= p.Time:
		return words.Say("detail mostly", pairs()...) + item.Together.text()
	case p.mainly > 1 && item.Name != "":
		return words.Say("detail most", "count", itoa(p.mainly), "name", item.Name)
	case p.mainly > 1:
		return words.Say("detail spans", "count", itoa(p.mainly))
	case item.Name != "":
		return words.Say("detail one", "name", item.Name)
	}
	return ""
}
