package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

func find(t *testing.T, s *Store, id, text string, limit int) (ids []uint64, limited bool) {
	t.Helper()
	f, err := ParseFilter(text)
	if err != nil {
		t.Fatal(err)
	}
	ids, limited, err = s.Find(t.Context(), FindQuery{ID: id, Filter: f, Limit: limit})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return ids, limited
}

// A filter finds the same spans within a trace as a search does, and none of other traces.
// The trace is meant by its id or by that of any of its spans.
func TestWhatAFilterFindsWithinATrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	one, two := checkout(1, start), checkout(2, start+10)
	insert(t, s, one)
	insert(t, s, one) // a retry
	insert(t, s, two)
	root, call, pay := one.ID[0], one.ID[1], one.ID[2]
	for text, want := range map[string][]uint64{
		"app.card=visa":              {pay},
		"app.card!=visa":             {root, call},
		"app.amount>1000":            {pay},
		"app.card=~v.*":              {pay},
		"k8s.pod.name=shop-0":        {root, call},
		"exception.type=IllegalS*":   {pay},
		"event=exception":            {pay},
		"status_message=*refused*":   {pay},
		"status=error":               {call, pay},
		"kind=client":                {call},
		"no.such.key=1":              nil,
		"any_value=*VISA*":           {pay},        // an attribute
		"any_value=*shop-0*":         {root, call}, // of the resource
		"any_value=*illegalstate*":   {pay},        // of an event
		"any_value=exception":        {pay},        // its name
		`any_value=*"7" refused*`:    {pay},
		"any_value=*attributes*":     nil, // how events are written is no value
		"any_value=*otel-java*":      {pay},
		"any_value=~.*/check[ao]ut":  {root},
		"any_value!=*visa*":          {root, call},
		"any_value=*nobody said it*": nil,
	} {
		for _, id := range []string{traceID(1).String(), span.FormatID(root), span.FormatID(pay)} {
			if got, limited := find(t, s, id, text, 0); !slices.Equal(got, want) || limited {
				t.Errorf("%s in %s: got %x (limited: %v), want %x", text, id, got, limited, want)
			}
		}
	}
}

// What is found may be cut off, the earliest first, and then that is said.
func TestOfMoreThanTheLimitTheEarliestAreFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := checkout(1, start)
	insert(t, s, b)
	if got, limited := find(t, s, traceID(1).String(), "duration>0ns", 2); !slices.Equal(got, b.ID[:2]) || !limited {
		t.Errorf("%x, limited: %v", got, limited)
	}
	if got, limited := find(t, s, traceID(1).String(), "duration>0ns", 3); len(got) != 3 || limited {
		t.Errorf("%x, limited: %v", got, limited)
	}
}

func TestFindingThatCannotBe(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		id, filter string
		want       error
	}{
		{"web", "status=error", ErrMalformed},
		{"ff", "status=error", ErrNotFound},
		{traceID(1).String(), "duration>long", ErrMalformed},
	} {
		f, err := ParseFilter(c.filter)
		if err == nil {
			_, _, err = s.Find(t.Context(), FindQuery{ID: c.id, Filter: f})
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s in %s: %v, want %v", c.filter, c.id, err, c.want)
		}
	}
	if got, _ := find(t, s, traceID(7).String(), "status=error", 0); got != nil {
		t.Errorf("of a trace that is not stored: %x", got)
	}
}
