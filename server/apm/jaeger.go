package apm

import "context"

// jaeger asks Jaeger's query service: its API of version 3, which has OTLP as it came, else, of a Jaeger
// that has none, the JSON of its page, whose times are whole microseconds
// (https://www.jaegertracing.io/docs/latest/architecture/apis/).
type jaeger struct{ *client }

func (j jaeger) trace(ctx context.Context, q question) (*Code, error) {
	a, err := j.ask(ctx, nil, "api", "v3", "traces", q.id.String())
	if err != nil {
		return nil, err
	}
	code, err := read(a)
	switch because(err) {
	case none, refused, unreadable: // an older one answers its page to a path it does not know
	default:
		return code, err
	}
	if a, err = j.ask(ctx, nil, "api", "traces", q.id.String()); err != nil {
		return nil, err
	}
	return read(a)
}
