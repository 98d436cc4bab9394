package trace

import (
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Errors are the spans where something failed first: an error that was only passed on is
// none of its own.
type Errors struct {
	Count int `json:"count"`
	// First is what to look at first: the cause of the root's failure, else the earliest.
	First *Failure `json:"first,omitempty"`
}

// Failure is a span that failed, and what it says of it.
type Failure struct {
	Span    string `json:"span"`
	Service string `json:"service"`
	Name    string `json:"name"`
	Message string `json:"message,omitempty"`
}

// errors finds where errors begin.
func (c scope) errors() Errors {
	var e Errors
	first := none
	for _, i := range c.t.origins(c.root) {
		if c.start[i] > c.to || c.end[i] < c.from {
			continue
		}
		e.Count++
		if first == none || c.start[i] < c.start[first] {
			first = i
		}
	}
	if first == none {
		return e
	}
	if cause := c.cause(); cause != none && c.whole {
		first = cause
	}
	s := c.t.Spans[first]
	e.First = &Failure{Span: span.FormatID(s.ID), Service: c.t.services[first], Name: spoken(s), Message: c.t.Message(first)}
	return e
}

// origins are the spans of a subtree that failed while none under them did, the last first.
func (t *Tree) origins(root int32) []int32 {
	failed := map[int32]bool{} // under the span
	var list []int32
	for i := t.last[root] - 1; i >= root; i-- {
		if failed[i] {
			failed[t.Parent[i]] = true
		} else if t.Spans[i].Status.Error() {
			list = append(list, i)
			failed[t.Parent[i]] = true
		}
	}
	return list
}

// cause follows a failure of the root down to where it began: to the child that failed last.
func (c scope) cause() int32 {
	i := c.root
	if !c.t.Spans[i].Status.Error() {
		return none
	}
	for {
		next := none
		for k := i + 1; k < c.t.last[i]; k = c.t.last[k] {
			if c.t.Spans[k].Status.Error() && (next == none || c.end[k] > c.end[next]) {
				next = k
			}
		}
		if next == none {
			return i
		}
		i = next
	}
}

// maxMessage is how many characters of a message are kept; a span's details have all of it.
const maxMessage = 300

// Message is why a span failed: its own words, else those of the nearest caller that has
// some, else the protocol's code. "" where nothing says it. It is one line, and cut where it
// is long.
func (t *Tree) Message(i int32) string {
	for k := i; k != none && t.Spans[k].Status.Error(); k = t.Parent[k] {
		if m := firstLine(t.Spans[k].StatusMessage); m != "" {
			return shorten(m, maxMessage)
		}
	}
	if s := t.Spans[i]; s.Code != 0 && s.Protocol != "" {
		return words.Say("protocol code", "protocol", s.Protocol, "code", itoa(int(s.Code)))
	}
	return ""
}
