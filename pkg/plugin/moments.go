package plugin

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// detailedEvent is an event of a span.
type detailedEvent struct {
	Time       int64               `json:"t"` // ns after the span's start
	Name       string              `json:"name"`
	Attributes []detailedAttribute `json:"attributes"`
}

// detailedLink is a span's link to another one.
type detailedLink struct {
	TraceID    string              `json:"traceId"`
	SpanID     string              `json:"spanId"`
	TraceState string              `json:"traceState,omitempty"`
	Attributes []detailedAttribute `json:"attributes"`
}

// moments are a span's events and links; what cannot be read is told as the text it is.
func moments(s *span.Span) (events []detailedEvent, links []detailedLink, unread string) {
	events, links = []detailedEvent{}, []detailedLink{}
	stored, err := span.ReadEvents(s.Events)
	if err != nil {
		unread = s.Events
	}
	for _, e := range stored {
		events = append(events, detailedEvent{e.Time - s.Start, e.Name, detailedAttributes(e.Attributes)})
	}
	linked, err := span.ReadLinks(s.Links)
	if err != nil {
		unread += s.Links
	}
	for _, l := range linked {
		links = append(links, detailedLink{l.TraceID.String(), l.SpanID.String(), l.TraceState, detailedAttributes(l.Attributes)})
	}
	return events, links, unread
}
