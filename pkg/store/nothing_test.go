package store

import (
	"strings"
	"testing"
)

func TestWhyASearchFindsNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	for _, c := range []struct {
		q    SearchQuery
		want string
	}{
		{SearchQuery{From: start + 5*minute}, "no span of that time is stored"},
		{SearchQuery{Service: "nobody", Status: "error"}, "no span of that time has service=nobody"},
		{SearchQuery{Filters: []Filter{{Key: "app.crad", Values: []string{"visa"}}}}, "no attribute app.crad is stored, of spans, resources or events"},
		{SearchQuery{Filters: []Filter{{Key: "app.card", Values: []string{"amex"}}}}, "no span of that time has app.card=amex"},
		{SearchQuery{Service: "payment", Filters: []Filter{{Key: "kind", Values: []string{"CLIENT"}}}}, "no span matches all of them"},
		{SearchQuery{Scope: ScopeRequests, Filters: []Filter{{Key: "kind", Values: []string{"CLIENT"}}}}, "search for traces, or all spans"},
	} {
		why, err := s.WhyNothing(t.Context(), c.q)
		if err != nil || len(why) != 1 || !strings.Contains(why[0], c.want) {
			t.Errorf("%+v: %q, %v; want %q", c.q, why, err, c.want)
		}
	}
}
