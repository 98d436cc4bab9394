package plugin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// What is offered where somebody types a filter.
const (
	maxFindKeys   = 1000
	maxFindValues = 200
	maxFindText   = 200 // bytes of a value: nobody chooses a stack trace from a list
)

// findWords are keys or values to write a filter with, the most frequent first.
type findWords struct {
	Words   []findWord `json:"words"`
	Limited bool       `json:"limited"` // there are more
}

type findWord struct {
	Text  string `json:"text"`
	Group string `json:"group,omitempty"` // of a key: attributes, resource, events
	Count int    `json:"count"`           // of spans; of events where it is theirs
}

// findKeysResource is GET find/{id}/keys: the keys of attributes that a trace has.
func (i *Instance) findKeysResource(r *http.Request) (any, error) {
	t, err := i.traceOfSpan(r)
	if err != nil {
		return nil, err
	}
	return t.findKeys(), nil
}

func (t *assembled) findKeys() findWords {
	counts := map[findWord]int{}
	t.eachAttribute(func(place string, a span.Attribute) {
		if a.Key != "" {
			counts[findWord{Text: a.Key, Group: tagGroups[place]}]++
		}
	})
	return mostFrequent(counts, maxFindKeys)
}

// findValuesResource is GET find/{id}/values?key=&text=: the values of a key in a trace, those
// that contain the text.
func (i *Instance) findValuesResource(r *http.Request) (any, error) {
	key, text, err := readFindValues(r)
	if err != nil {
		return nil, err
	}
	t, err := i.traceOfSpan(r)
	if err != nil {
		return nil, err
	}
	return t.findValues(key, text), nil
}

func readFindValues(r *http.Request) (key, text string, err error) {
	form := r.URL.Query()
	if key = form.Get("key"); key == "" {
		return "", "", badInput(fmt.Errorf("no key is named: want ?key=http.route"))
	}
	return key, strings.ToLower(form.Get("text")), nil
}

func (t *assembled) findValues(key, text string) findWords {
	counts := map[findWord]int{}
	long := false
	t.eachValue(key, func(value string) {
		switch {
		case value == "" || !strings.Contains(strings.ToLower(value), text):
		case len(value) > maxFindText:
			long = true
		default:
			counts[findWord{Text: value}]++
		}
	})
	out := mostFrequent(counts, maxFindValues)
	out.Limited = out.Limited || long
	return out
}

func (i *Instance) traceOfSpan(r *http.Request) (*assembled, error) {
	id, err := readSpanID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	t, _, err := i.spanAndTrace(r.Context(), id)
	return t, err
}

// eachAttribute calls each with every attribute in a trace and where it stands: span, resource
// or event.
func (t *assembled) eachAttribute(each func(place string, a span.Attribute)) {
	for _, s := range t.tree.Spans {
		lists := t.attributesOf(s)
		for k, place := range []string{"span", "resource"} {
			for _, a := range lists[k] {
				each(place, a)
			}
		}
		events, err := span.ReadEvents(s.Events)
		if err != nil {
			continue // the span's details show their text
		}
		for _, e := range events {
			for _, a := range e.Attributes {
				each("event", a)
			}
		}
	}
}

// eachValue calls each with the values that filters compare with this key.
func (t *assembled) eachValue(key string, each func(value string)) {
	of := map[string]func(s *span.Span) string{
		"status_message": func(s *span.Span) string { return s.StatusMessage },
		"scope_name":     func(s *span.Span) string { return s.ScopeName },
		"scope_version":  func(s *span.Span) string { return s.ScopeVersion },
	}[key]
	switch {
	case of != nil:
		for _, s := range t.tree.Spans {
			each(of(s))
		}
	case key == "event":
		for _, s := range t.tree.Spans {
			events, _ := span.ReadEvents(s.Events)
			for _, e := range events {
				each(e.Name)
			}
		}
	default:
		t.eachAttribute(func(place string, a span.Attribute) {
			if a.Key == key || place+"."+a.Key == key {
				each(a.Value)
			}
		})
	}
}

func mostFrequent(counts map[findWord]int, most int) findWords {
	out := findWords{Words: make([]findWord, 0, len(counts)), Limited: len(counts) > most}
	for w, n := range counts {
		w.Count = n
		out.Words = append(out.Words, w)
	}
	slices.SortFunc(out.Words, func(a, b findWord) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Group, b.Group))
	})
	out.Words = out.Words[:min(len(out.Words), most)]
	return out
}
