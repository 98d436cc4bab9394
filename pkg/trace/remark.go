package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Remark is something to know beside the answer. Span is where it shows, "" for nowhere.
type Remark struct {
	Kind string `json:"kind"` // error, async, retry, skew or partial
	Text string `json:"text"`
	Span string `json:"span,omitempty"`
}

// maxNamed is how many services or retries a remark names.
const maxNamed = 3

// remarks are what else is to be said, the most urgent first.
func (a *Account) remarks(c scope) []Remark {
	var list []Remark
	add := func(kind, text, span string) { list = append(list, Remark{kind, text, span}) }
	if e := a.Errors.First; e != nil {
		text := words.Say("error", "who", e.Service, "name", e.Name)
		if a.Errors.Count > 1 {
			text = words.Say("errors", "n", itoa(a.Errors.Count), "who", e.Service, "name", e.Name)
		}
		if e.Message != "" {
			text = words.Say("message", "text", text, "message", e.Message)
		}
		add("error", text, e.Span)
	}
	for _, r := range a.Retries[:min(len(a.Retries), maxNamed)] {
		entry := "tries"
		if r.Failed == r.Tries {
			entry = "tries in vain"
		}
		add("retry", words.Say(entry, "n", itoa(r.Tries), "name", r.Name, "failed", itoa(r.Failed)), r.Span)
	}
	if len(a.Async) > 0 {
		add("async", words.Say("answer", "time", FormatDuration(a.Duration), "more", moreWork(a.Async)), a.Async[0].Span)
	}
	for _, s := range a.Skew[:min(len(a.Skew), maxNamed)] {
		add("skew", s.text(), s.Span)
	}
	list = append(list, c.partial()...)
	return list
}

// moreWork lists the services that went on.
func moreWork(list []Async) string {
	var said []string
	for n, w := range list {
		if n == maxNamed {
			entry := "others"
			if len(list)-n == 1 {
				entry = "other"
			}
			said = append(said, words.Say(entry, "n", itoa(len(list)-n)))
			break
		}
		if w.After > 0 {
			said = append(said, words.Say("more", "time", FormatDuration(w.After), "who", w.Service))
		} else {
			said = append(said, words.Say("beside", "time", FormatDuration(w.Time), "who", w.Service))
		}
	}
	text := said[0]
	for _, s := range said[1:] {
		text = words.Say("list", "a", text, "b", s)
	}
	return text
}

func (s *Skew) text() string {
	entry, time := "ahead", s.Time
	if time < 0 {
		entry, time = "behind", -time
	}
	text := words.Say(entry, "a", s.Of, "b", s.Against, "time", FormatDuration(time))
	if s.Aligned {
		return words.Say("aligned", "text", text)
	}
	return words.Say("not aligned", "text", text)
}

// partial says what is missing of the trace.
func (c scope) partial() []Remark {
	if c.root != 0 || !c.whole {
		return nil
	}
	var list []Remark
	hops, first := 0, none
	for i, n := range c.t.Missing {
		hops += int(n)
		if n > 0 && first == none {
			first = int32(i)
		}
	}
	switch {
	case hops == 1:
		list = append(list, Remark{"partial", words.Say("missing hop"), span.FormatID(c.t.Spans[first].ID)})
	case hops > 1:
		list = append(list, Remark{"partial", words.Say("missing hops", "n", itoa(hops)), span.FormatID(c.t.Spans[first].ID)})
	}
	switch n := len(c.t.Roots) - 1; {
	case n == 1:
		list = append(list, Remark{"partial", words.Say("orphan"), span.FormatID(c.t.Spans[c.t.Roots[1]].ID)})
	case n > 1:
		list = append(list, Remark{"partial", words.Say("orphans", "n", itoa(n)), span.FormatID(c.t.Spans[c.t.Roots[1]].ID)})
	}
	return list
}
