package apm

import (
	"context"
	"errors"
	"net/http"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/span"
)

// backend asks one kind of APM.
type backend interface {
	// trace is the code that the APM has of a trace. Errors are errNone, or have a reason.
	trace(ctx context.Context, q question) (*Code, error)
}

// kinds are the APMs that can be asked.
var kinds = map[string]func(*client) backend{
	"jaeger":     func(c *client) backend { return jaeger{c} },
	"tempo":      func(c *client) backend { return tempo{c} },
	"skywalking": func(c *client) backend { return skyWalking{c} },
}

// question is the trace that is asked for.
type question struct {
	id span.TraceID
	// text is SkyWalking's id of it, where that is known and another one.
	text string
}

// Code is the code of a trace.
type Code struct {
	Spans     []*span.Span
	Resources map[uint64]span.Resource
	Entities  map[uint64]span.Entity
	LeftOut   []string
}

// maxSpans is what is taken of one APM's code of one trace.
const maxSpans = 20_000

// read reads an answer in OTLP's JSON, or Jaeger's or Tempo's. What Throughline itself sent to the APM
// (docs/apm.md, export) is no code, and is known here.
func read(a answer) (*Code, error) {
	switch a.status {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, errNone
	default:
		return nil, a.unexpected()
	}
	file, err := saved.Read(a.body, saved.Limits{Bytes: maxAnswer, Spans: maxSpans})
	if errors.Is(err, saved.ErrEmpty) {
		return nil, errNone
	} else if err != nil {
		return nil, failed(unreadable, err)
	}
	code := &Code{LeftOut: file.LeftOut}
	for _, t := range file.Traces {
		code.Resources, code.Entities = t.Resources, t.Entities // of the whole file
		for _, s := range t.Spans {
			if s.Source == span.APP {
				code.Spans = append(code.Spans, s)
			}
		}
	}
	if len(code.Spans) == 0 && len(code.LeftOut) == 0 {
		return nil, errNone
	}
	return code, nil
}
