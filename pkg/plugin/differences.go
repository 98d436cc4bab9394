package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Limits of one call of differences.
const (
	maxDifferenceSpans = 10_000 // on both sides together
	maxDifferenceBody  = 400 << 10
	maxDifferenceKeys  = 2_000 // keys that are counted
	maxValuesPerKey    = 2_000 // values of a key that are counted
	shownDifferences   = 30    // keys that are answered
	shownValues        = 6     // values of a key
	maxDifferenceText  = 200   // bytes of a value
)

// differencesQuestion is what POST differences is asked: in which attributes two sets of spans
// of one trace differ.
type differencesQuestion struct {
	Selected []string `json:"selected"` // ids
	Others   []string `json:"others"`
}

// differencesAnswer has the keys that differ, the ones that do most first.
type differencesAnswer struct {
	Selected int             `json:"selected"` // spans that were compared
	Others   int             `json:"others"`
	Keys     []keyDifference `json:"keys"`
	LeftOut  []string        `json:"leftOut"` // what was not compared, in words
}

// differencesResource is POST differences.
func (i *Instance) differencesResource(r *http.Request) (any, error) {
	q, err := readDifferencesQuestion(r)
	if err != nil {
		return nil, badInput(err)
	}
	first, err := readSpanID(q.Selected[0])
	if err != nil {
		return nil, err
	}
	t, _, err := i.spanAndTrace(r.Context(), first)
	if err != nil {
		return nil, err
	}
	return t.differences(q), nil
}

func readDifferencesQuestion(r *http.Request) (differencesQuestion, error) {
	var q differencesQuestion
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxDifferenceBody))
	if err != nil {
		return q, fmt.Errorf("differences: the question is longer than %d bytes: ask of at most %d spans", maxDifferenceBody, maxDifferenceSpans)
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return q, fmt.Errorf("differences: want {\"selected\": [ids], \"others\": [ids]}: %w", err)
	}
	return q, q.check()
}

func (q *differencesQuestion) check() error {
	switch n := len(q.Selected) + len(q.Others); {
	case len(q.Selected) == 0 || len(q.Others) == 0:
		return errors.New("differences: want ids of spans in both selected and others")
	case n > maxDifferenceSpans:
		return fmt.Errorf("differences: %d spans: at most %d", n, maxDifferenceSpans)
	}
	return nil
}

func (t *assembled) differences(q differencesQuestion) differencesAnswer {
	spans := make(map[string]*span.Span, len(t.tree.Spans))
	for _, s := range t.tree.Spans {
		spans[span.FormatID(s.ID)] = s
	}
	var c attributeCounts
	a := differencesAnswer{LeftOut: []string{}}
	unknown := 0
	for side, ids := range [2][]string{q.Selected, q.Others} {
		n := 0
		for _, id := range ids {
			s := spans[id]
			if s == nil {
				unknown++
				continue
			}
			n++
			t.count(&c, side, s)
		}
		c.spans[side] = n
	}
	a.Selected, a.Others = c.spans[0], c.spans[1]
	if unknown > 0 {
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("%s beside those of the trace as it was read", words.Count(unknown, "span")))
	}
	all, each := c.rank()
	if each > 0 {
		a.LeftOut = append(a.LeftOut, words.Count(each, "key")+" with another value in nearly every span, as ids have")
	}
	if c.keysLeft > 0 {
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("%s of other keys than the first %d", words.Count(c.keysLeft, "attribute"), maxDifferenceKeys))
	}
	if n := len(all) - shownDifferences; n > 0 {
		a.LeftOut = append(a.LeftOut, words.Count(n, "key")+" with smaller differences")
		all = all[:shownDifferences]
	}
	a.Keys = all
	if a.Keys == nil {
		a.Keys = []keyDifference{}
	}
	return a
}

// count adds what is known of a span: its name, who it is of, its attributes and those of its
// resource. A key that both have is the span's own.
func (t *assembled) count(c *attributeCounts, side int, s *span.Span) {
	c.add(side, keyOf{"name", "field"}, s.Endpoint)
	c.add(side, keyOf{"service", "field"}, s.Service)
	for n, list := range t.attributesOf(s) {
		for k, a := range list {
			own := n == 1 && slices.ContainsFunc(s.Attributes, func(o span.Attribute) bool { return o.Key == a.Key })
			repeated := slices.ContainsFunc(list[:k], func(o span.Attribute) bool { return o.Key == a.Key })
			if !own && !repeated {
				c.add(side, keyOf{a.Key, [2]string{"span", "resource"}[n]}, a.Value)
			}
		}
	}
}
