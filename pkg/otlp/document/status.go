package document

import (
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// statusCode is the code from which the span's status follows, with its attributes. Where
// several would do it is the one that instrumentations send: of HTTP, nothing for what the
// code says already, and an error of the client only at the client.
func statusCode(s *span.Span) tracev1.Status_StatusCode {
	http := s.Protocol == "HTTP"
	switch {
	case s.Status == span.StatusOK && http && s.Code >= 100 && s.Code < 400:
		return tracev1.Status_STATUS_CODE_UNSET
	case s.Status == span.StatusOK:
		return tracev1.Status_STATUS_CODE_OK
	case s.Status == span.StatusClientError && http && s.Kind == span.KindServer:
		return tracev1.Status_STATUS_CODE_UNSET
	case s.Status.Error():
		return tracev1.Status_STATUS_CODE_ERROR
	default:
		return tracev1.Status_STATUS_CODE_UNSET
	}
}

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
