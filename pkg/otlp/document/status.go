package document

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// exceptionText is what the reader of OTLP says of a span that has no message of its own: its
// last exception.
func exceptionText(s *span.Span, events []span.Event) string {
	attributes := s.Attributes
	for _, e := range events {
		if e.Name == "exception" {
			attributes = e.Attributes
		}
	}
	var typ, message string
	for _, a := range attributes {
		switch a.Key {
		case "exception.type":
			typ = a.Value
		case "exception.message":
			message = a.Value
		}
	}
	if typ != "" && message != "" {
		return typ + ": " + message
	}
	return typ + message
}
