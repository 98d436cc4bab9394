package span

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Event is a moment inside a span that its code told of.
type Event struct {
	Time       int64 // Unix ns
	Name       string
	Attributes []Attribute
	Dropped    uint32 // attributes that the SDK left out
}

// Link is a span's reference to a span of this or of another trace.
type Link struct {
	TraceID    TraceID
	SpanID     SpanID
	TraceState string
	Attributes []Attribute
	Dropped    uint32 // attributes that the SDK left out
	Flags      uint32
}

// ReadEvents reads a span's column Events; none of an empty text.
func ReadEvents(text string) ([]Event, error) {
	var stored []struct {
		Time       json.Number    `json:"time"`
		Name       string         `json:"name"`
		Attributes attributeArray `json:"attributes"`
		Dropped    uint32         `json:"dropped"`
	}
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	events := make([]Event, 0, len(stored))
	for _, e := range stored {
		t, _ := strconv.ParseUint(e.Time.String(), 10, 64) // no number, no time: 0
		events = append(events, Event{int64(min(t, math.MaxInt64)), e.Name, e.Attributes, e.Dropped})
	}
	return events, nil
}

// ReadLinks reads a span's column Links; none of an empty text. A link whose ids are none is
// kept with ids of zero: it says something all the same.
func ReadLinks(text string) ([]Link, error) {
	var stored []struct {
		TraceID    string         `json:"trace_id"`
		SpanID     string         `json:"span_id"`
		TraceState string         `json:"trace_state"`
		Attributes attributeArray `json:"attributes"`
		Dropped    uint32         `json:"dropped"`
		Flags      uint32         `json:"flags"`
	}
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	links := make([]Link, 0, len(stored))
	for _, l := range stored {
		traceID, _ := ParseTraceID(l.TraceID)
		spanID, _ := ParseSpanID(l.SpanID)
		links = append(links, Link{traceID, spanID, l.TraceState, l.Attributes, l.Dropped, l.Flags})
	}
	return links, nil
}
