package plugin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// openFindResource is POST open/find?trace=&filter=, which answers of a file as find/{id} does of a
// stored trace.
func (i *Instance) openFindResource(r *http.Request) (any, error) {
	filter, err := readFilter(r)
	if err != nil {
		return nil, err
	}
	passes, err := filter.InMemory()
	if err != nil {
		return nil, badInput(err)
	}
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	return t.find(passes), nil
}

// find are the spans that a filter lets through, the earliest first.
func (t *assembled) find(passes func(*store.Held) bool) foundSpans {
	var found []*span.Span
	for _, s := range t.tree.Spans {
		held := store.Held{Span: s, Resource: t.data.Resources[s.OTelResource].Attributes}
		for _, id := range []uint64{s.Entity, s.ClientEntity, s.ServerEntity} {
			if e := t.entities[id]; e != nil {
				held.Entities = append(held.Entities, e)
			}
		}
		if passes(&held) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *span.Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)) })
	out := foundSpans{Spans: make([]string, 0, min(len(found), store.MaxFound)), Limited: len(found) > store.MaxFound}
	for _, s := range found[:min(len(found), store.MaxFound)] {
		out.Spans = append(out.Spans, span.FormatID(s.ID))
	}
	return out
}

// openFindKeysResource is POST open/find/keys?trace=, as find/{id}/keys.
func (i *Instance) openFindKeysResource(r *http.Request) (any, error) {
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	return t.findKeys(), nil
}

// openFindValuesResource is POST open/find/values?trace=&key=&text=, as find/{id}/values.
func (i *Instance) openFindValuesResource(r *http.Request) (any, error) {
	key, text, err := readFindValues(r)
	if err != nil {
		return nil, err
	}
	t, err := i.openedTrace(r)
	if err != nil {
		return nil, err
	}
	return t.findValues(key, text), nil
}

// openDifferencesResource is POST open/differences?trace=, as differences. The question stands before
// the file, in a line of its own.
func (i *Instance) openDifferencesResource(r *http.Request) (any, error) {
	body, err := readFileBody(r)
	if err != nil {
		return nil, err
	}
	line, file, found := bytes.Cut(body, []byte("\n"))
	var q differencesQuestion
	if !found || json.Unmarshal(line, &q) != nil {
		return nil, badInput(errors.New(`differences of a file: want {"selected": [ids], "others": [ids]} as the first line, and the file behind it`))
	}
	if err := q.check(); err != nil {
		return nil, badInput(err)
	}
	opened, err := i.opened.read(file)
	if err != nil {
		return nil, err
	}
	t, err := i.opened.trace(opened, r.URL.Query().Get("trace"))
	if err != nil {
		return nil, err
	}
	return t.differences(q), nil
}

// readFilter is the filter of a question to find by.
func readFilter(r *http.Request) (store.Filter, error) {
	text := r.URL.Query().Get("filter")
	if len(text) > maxText {
		return store.Filter{}, badInput(fmt.Errorf("filter is longer than %d bytes", maxText))
	}
	filter, err := store.ParseFilter(text)
	if err != nil {
		return filter, badInput(err)
	}
	return filter, nil
}
