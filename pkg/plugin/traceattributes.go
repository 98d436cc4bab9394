package plugin

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// traceKeys are the attributes that spans of a trace have, the most frequent first.
type traceKeys struct {
	Keys []countedKey `json:"keys"`
}

type countedKey struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// traceValues are the values of one attribute, by the id of the span.
type traceValues struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values"`
}

// attributesResource is GET attributes/{id}?key=: which attributes the spans of a trace have,
// or the values of one of them; id is that of any of its spans. The frame leaves attributes
// behind, and colouring by one needs one value of each span.
func (i *Instance) attributesResource(r *http.Request) (any, error) {
	id, err := readSpanID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	t, _, err := i.spanAndTrace(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if !r.URL.Query().Has("key") {
		return t.attributeKeys(), nil
	}
	return t.attributeValues(r.URL.Query().Get("key")), nil
}

// attributesOf are a span's own attributes, and those of its resource.
func (t *assembled) attributesOf(s *span.Span) [2][]span.Attribute {
	return [2][]span.Attribute{s.Attributes, t.data.Resources[s.OTelResource].Attributes}
}

func (t *assembled) attributeKeys() traceKeys {
	counts := map[string]int{}
	for _, s := range t.tree.Spans {
		for _, list := range t.attributesOf(s) {
			for _, a := range list {
				counts[a.Key]++
			}
		}
	}
	out := traceKeys{Keys: make([]countedKey, 0, len(counts))}
	for key, n := range counts {
		if key != "" {
			out.Keys = append(out.Keys, countedKey{key, n})
		}
	}
	slices.SortFunc(out.Keys, func(a, b countedKey) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	return out
}

func (t *assembled) attributeValues(key string) traceValues {
	out := traceValues{Key: key, Values: map[string]string{}}
	for _, s := range t.tree.Spans {
		lists := t.attributesOf(s)
		for _, list := range slices.Backward(lists[:]) { // the span's own value, where its resource has one too
			for _, a := range list {
				if a.Key == key {
					out.Values[span.FormatID(s.ID)] = a.Value
				}
			}
		}
	}
	return out
}
