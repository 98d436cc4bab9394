package store

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Held is a span in memory that a filter is asked of: one of a file, which no store has.
type Held struct {
	*span.Span
	Resource []span.Attribute
	Entities []*span.Entity // who saw it and the ends of its request, as far as they are known
}

// holds reports something of a span; nil for a test that asks nothing.
type holds func(h *Held) bool

// InMemory is the filter as a function that says of a span what Find says of a stored one. The
// error is that of a filter which cannot be asked.
func (f Filter) InMemory() (func(h *Held) bool, error) {
	tests, err := f.tests()
	if err != nil {
		return nil, err
	}
	var all []holds
	for _, t := range tests {
		one, err := f.inMemory(t)
		if err != nil && t.list {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w: filter %.300s: %w", ErrMalformed, f, err)
		}
		if one != nil {
			all = append(all, one)
		}
	}
	return func(h *Held) bool {
		return len(all) == 0 || slices.ContainsFunc(all, func(one holds) bool { return one(h) }) != f.Not
	}, nil
}

// inMemory is conditions.condition of a span in memory.
func (f Filter) inMemory(t test) (holds, error) {
	key := f.Key
	if f.attribute || !newConditions().knows(key) {
		if err := t.check(); err != nil {
			return nil, err
		}
		places, is := readings(key), t.ofText()
		return func(h *Held) bool {
			return slices.ContainsFunc(places, func(p placedKey) bool { return h.hasAttribute(p, is) })
		}, nil
	}
	switch {
	case t.value == "":
		return nil, nil
	case t.Operator == Equal && t.value == "*":
		return func(*Held) bool { return true }, nil
	case key == "duration":
		return t.ofDuration()
	case enumerations[key] != nil:
		return t.ofNames(key)
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	texts, is := textsOf(key), t.ofText()
	if number, err := strconv.ParseInt(t.value, 10, 32); err == nil && key == "code" && t.Operator == Equal {
		return func(h *Held) bool { return int64(h.Code) == number }, nil
	}
	return func(h *Held) bool { return slices.ContainsFunc(texts(h), is) }, nil
}

// ofText is the test as a function of a text; its expression is valid.
func (t test) ofText() func(text string) bool {
	switch t.Operator {
	case Equal:
		return func(text string) bool { return wild(t.value, text) }
	case Matches:
		re, err := regexp.Compile(t.value)
		return func(text string) bool { return err == nil && re.MatchString(text) }
	}
	bound, _ := strconv.ParseFloat(t.value, 64) // it was checked
	return func(text string) bool {
		v, err := strconv.ParseFloat(text, 64)
		return err == nil && t.compares(cmp.Compare(v, bound))
	}
}

// compares reports whether an order, as cmp.Compare has it, is what a comparison asks.
func (t test) compares(order int) bool {
	switch t.Operator {
	case AtLeast:
		return order >= 0
	case MoreThan:
		return order > 0
	case AtMost:
		return order <= 0
	case LessThan:
		return order < 0
	}
	return order == 0
}

func (t test) ofDuration() (holds, error) {
	c := newConditions()
	if _, err := c.nanoseconds("duration", t); err != nil {
		return nil, err
	}
	bound, err := strconv.ParseUint(c.params["p0"], 10, 64)
	return func(h *Held) bool { return t.compares(cmp.Compare(h.Duration, bound)) }, err
}

// ofNames tests what has few values, by the names of a span's.
func (t test) ofNames(key string) (holds, error) {
	if _, err := enumeration(t, enumerations[key]); err != nil {
		return nil, err
	}
	return func(h *Held) bool {
		return slices.ContainsFunc(h.names(key), func(name string) bool {
			return t.accepts(name) || t.Operator == Equal && strings.EqualFold(t.value, name)
		})
	}, nil
}

// names are those of a span's value in enumerations.
func (h *Held) names(key string) []string {
	switch key {
	case "source":
		return []string{h.Source.String()}
	case "point":
		return []string{h.Point.String()}
	case "kind":
		return []string{h.Kind.String()}
	case "root":
		return []string{strconv.FormatBool(h.Source == span.APP && h.ParentSpanID.IsZero())}
	}
	switch name := h.Status.Of(h.Source); {
	case h.Status.Error():
		return []string{name, "error"}
	case name == "unset":
		return []string{name, "ok"}
	default:
		return []string{name}
	}
}

// textsOf gives the texts of a span that a key stands for; one of them is enough.
func textsOf(key string) func(h *Held) []string {
	switch key {
	case "namespace", "workload", "pod", "service", "node":
		return func(h *Held) []string { return append(h.ends(key), h.said(key)) }
	case "code":
		return func(h *Held) []string { return []string{strconv.Itoa(int(h.Code))} }
	case "protocol":
		return func(h *Held) []string { return []string{h.Protocol} }
	case "status_message":
		return func(h *Held) []string { return []string{h.StatusMessage} }
	case "scope_name":
		return func(h *Held) []string { return []string{h.ScopeName} }
	case "scope_version":
		return func(h *Held) []string { return []string{h.ScopeVersion} }
	case "name":
		return func(h *Held) []string { return []string{h.Endpoint} }
	case "event":
		return func(h *Held) []string { return h.eventTexts(false) }
	case "any_value":
		return (*Held).anyText
	}
	return func(h *Held) []string { return []string{h.Span.Resource, h.Endpoint, h.Request()} }
}

// ends are what the entities say of a key, and the span itself.
func (h *Held) ends(key string) (texts []string) {
	switch key {
	case "service":
		texts = append(texts, h.Service)
	case "node":
		return []string{h.Node}
	}
	for _, e := range h.Entities {
		texts = append(texts, map[string]string{"namespace": e.Namespace, "workload": e.Workload, "pod": e.Pod, "service": e.Service}[key])
	}
	return texts
}

// said is what the resource says of a key; see resourceKeys.
func (h *Held) said(key string) string {
	for _, k := range resourceKeys[key] {
		for _, a := range h.Resource {
			if a.Key == k && a.Value != "" {
				return a.Value
			}
		}
	}
	return ""
}

func (h *Held) hasAttribute(p placedKey, is func(string) bool) bool {
	has := func(list []span.Attribute) bool {
		return slices.ContainsFunc(list, func(a span.Attribute) bool { return a.Key == p.key && is(a.Value) })
	}
	switch p.place {
	case onSpan:
		return has(h.Attributes)
	case onResource:
		return has(h.Resource)
	}
	events, _ := span.ReadEvents(h.Events) // what cannot be read is shown by the span's details
	return slices.ContainsFunc(events, func(e span.Event) bool { return has(e.Attributes) })
}

// eventTexts are the names of events, and with all the values of their attributes.
func (h *Held) eventTexts(all bool) (texts []string) {
	events, _ := span.ReadEvents(h.Events)
	for _, e := range events {
		texts = append(texts, e.Name)
		for _, a := range e.Attributes {
			if all {
				texts = append(texts, a.Value)
			}
		}
	}
	return texts
}

// anyText is whatever the columns of texts, attributes, resource and events say.
func (h *Held) anyText() []string {
	texts := append(h.eventTexts(true), h.Endpoint, h.Type, h.Domain, h.Span.Resource, h.RequestID, h.XRequestID, h.XResponseID, h.StatusMessage, h.Service,
		h.Node, h.Protocol, h.ScopeName, h.ScopeVersion, h.TraceState, h.Comm, h.Interface)
	for _, list := range [][]span.Attribute{h.Attributes, h.Resource} {
		for _, a := range list {
			texts = append(texts, a.Value)
		}
	}
	return texts
}
