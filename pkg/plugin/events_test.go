package plugin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

func storedEvents(n int, value string) string {
	events := make([]string, n)
	for i := range events {
		events[i] = fmt.Sprintf(`{"time":%d,"name":"retry","attributes":{"n":%d,"why":%q}}`, 1_000_000_000_000_000_000+i, i, value)
	}
	return "[" + strings.Join(events, ",") + "]"
}

func TestEventsAreCountedFromTheSpansStart(t *testing.T) {
	t.Parallel()
	var c eventColumn
	s := &span.Span{Start: 1_000_000_000_000_000_000 - 5, Events: storedEvents(1, `a "quote"`)}
	if got, want := c.of(s), `[{"t":5,"name":"retry","attributes":{"n":0,"why":"a \"quote\""}}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, none := range []string{"", "[]", "no JSON", `{"time":1}`, `[{"time":"x"}]`} {
		if got := c.of(&span.Span{Events: none}); got != "" {
			t.Errorf("events %q: %s", none, got)
		}
	}
	if n := c.notices(); n != nil {
		t.Errorf("notices %+v", n)
	}
}

// A span with many events or long ones does not make the answer large, and that is said.
func TestEventsHaveABound(t *testing.T) {
	t.Parallel()
	for name, events := range map[string]string{
		"many": storedEvents(maxEventsOfSpan+1, "x"),
		"long": storedEvents(2, strings.Repeat("x", maxEventText+1)),
	} {
		var c eventColumn
		var got []frameEvent
		if err := json.Unmarshal([]byte(c.of(&span.Span{Events: events})), &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got) == 0 || len(got) > maxEventsOfSpan || len(c.notices()) != 1 {
			t.Errorf("%s: %d events, notices %+v", name, len(got), c.notices())
		}
	}
	var c eventColumn
	s := &span.Span{Events: storedEvents(maxEventsOfSpan, strings.Repeat("x", maxEventText+1-2))}
	for range 2 * maxEventBytes / len(s.Events) {
		c.of(s)
	}
	if c.size > maxEventBytes || c.cut == 0 || len(c.notices()) != 1 {
		t.Errorf("%d bytes, %d spans cut", c.size, c.cut)
	}
}
