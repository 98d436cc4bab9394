package plugin

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
)

// What a frame's column of events may hold. A span's details (resource span/{id}) have all.
const (
	maxEventsOfSpan = 50
	maxEventText    = 200     // bytes of an attribute's value: a stack trace is for the details
	maxEventBytes   = 2 << 20 // of the whole column
)

// frameEvent is an event in the flame frame.
type frameEvent struct {
	Time       int64          `json:"t"` // ns after the span's start
	Name       string         `json:"name"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// eventColumn writes the events of spans for the flame frame, as far as there is room.
type eventColumn struct {
	size int
	cut  int // spans of which not all is there
}

// of is the events of a span as a JSON array, "" for none. Events that cannot be read are
// left out here; the details of the span show their text.
func (c *eventColumn) of(s *span.Span) string {
	if s.Events == "" || s.Events == "[]" {
		return ""
	}
	stored, err := span.ReadEvents(s.Events)
	if err != nil || len(stored) == 0 {
		return ""
	}
	short := len(stored) > maxEventsOfSpan
	events := make([]frameEvent, 0, min(len(stored), maxEventsOfSpan))
	for _, e := range stored[:cap(events)] {
		event := frameEvent{Time: e.Time - s.Start, Name: e.Name}
		for _, a := range e.Attributes {
			if len(a.Value) > maxEventText {
				short = true
				continue
			}
			if event.Attributes == nil {
				event.Attributes = map[string]any{}
			}
			event.Attributes[a.Key] = attributeValue(a)
		}
		events = append(events, event)
	}
	text, err := json.Marshal(events)
	if err != nil || c.size+len(text) > maxEventBytes {
		c.cut++
		return ""
	}
	if short {
		c.cut++
	}
	c.size += len(text)
	return string(text)
}

func (c *eventColumn) notices() []data.Notice {
	if c.cut == 0 {
		return nil
	}
	return []data.Notice{{Severity: data.NoticeSeverityInfo,
		Text: fmt.Sprintf("Not all events are in the picture: of %d spans some, or long values, were left out. The details of a span have all.", c.cut)}}
}
