package plugin

import (
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
)

// readID reads an id of a trace or of a span as users have it.
func readID(text string) (span.AnyID, error) {
	id, err := span.ParseAnyID(text)
	if err != nil {
		return id, badInput(err)
	}
	return id, nil
}

// readSpanID reads an id of a span: one of ours, or one of OpenTelemetry's.
func readSpanID(text string) (span.AnyID, error) {
	id, err := readID(text)
	if err == nil && id.Span.IsZero() {
		err = badInput(fmt.Errorf("%.100q is no id of a span: that has up to 16 hex digits, and this is a trace's", text))
	}
	return id, err
}

// codeID is OpenTelemetry's id of a span; "" for what system calls and packets show, which
// carry the id of the code's span that caused them.
func codeID(s *span.Span) string {
	if s.Source != span.APP {
		return ""
	}
	return s.SpanID.String()
}

// shownID is the id of a span as users see it: OpenTelemetry's, where it has one.
func shownID(s span.Source, own uint64, id span.SpanID) string {
	if s == span.APP && !id.IsZero() {
		return id.String()
	}
	return span.FormatID(own)
}

// spanOf is the row of the span with this id, or -1. Several spans may have one
// OpenTelemetry id: the two ends of a call share it in Zipkin's model, and what carries it on
// the wire has it, too. The first span of code is meant.
func (t *assembled) spanOf(id span.AnyID) int {
	found := -1
	for i, s := range t.tree.Spans {
		switch {
		case s.ID == id.Own():
			return i
		case found < 0 && s.Source == span.APP && s.SpanID == id.Span:
			found = i
		}
	}
	return found
}

// shownIDs are the ids of the tree's spans as users see them, each once: where two spans of
// code have the same id, the second one keeps ours.
func (t *assembled) shownIDs() []string {
	ids := make([]string, len(t.tree.Spans))
	taken := make(map[string]bool, len(ids))
	for i, s := range t.tree.Spans {
		if ids[i] = shownID(s.Source, s.ID, s.SpanID); taken[ids[i]] {
			ids[i] = span.FormatID(s.ID)
		}
		taken[ids[i]] = true
	}
	return ids
}
