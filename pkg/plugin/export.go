package plugin

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
)

// download is an answer that is a file: it is written as it is made.
type download struct {
	name, contentType string
	write             func(io.Writer) error
}

// exportResource is GET export/{id}?format=otlp: all of a trace as a file, by the id of the
// trace or of any of its spans.
func (i *Instance) exportResource(r *http.Request) (any, error) {
	if format := r.URL.Query().Get("format"); format != "otlp" {
		return nil, badInput(fmt.Errorf("format %.20q is not known: there is otlp", format))
	}
	t, err := i.traceByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return t.asOTLP(), nil
}

func (t *assembled) asOTLP() download {
	return download{
		name: "trace-" + t.traceID() + ".otlp.json", contentType: "application/json",
		write: func(w io.Writer) error { return document.Write(w, t.documentItems()) },
	}
}

// documentItems are the spans as OTLP has them: code as it was sent; system calls and packets
// as spans of their own resources, under the parents that were found for them. Code keeps the
// parent that it names, so that nothing of what was sent is lost.
func (t *assembled) documentItems() []document.Item {
	items := make([]document.Item, 0, len(t.tree.Spans))
	traceID := t.tree.TraceID()
	if traceID.IsZero() && len(t.tree.Spans) > 0 { // requests without trace context: any id that is the same each time
		binary.BigEndian.PutUint64(traceID[8:], t.tree.Spans[0].ID)
	}
	for i, s := range t.tree.Spans {
		if s.Source == span.APP {
			items = append(items, document.Item{Span: s, Resource: t.codeResource(s)})
			continue
		}
		items = append(items, document.Item{Span: t.hopAsSpan(i, traceID), Resource: t.hopResource(s)})
	}
	return items
}

// codeResource is the resource as it was sent; of spans that came without one it has the name
// they are known by.
func (t *assembled) codeResource(s *span.Span) []span.Attribute {
	resource := t.data.Resources[s.OTelResource].Attributes
	if len(resource) == 0 && s.Service != "" {
		return []span.Attribute{{Key: "service.name", Value: s.Service, Type: span.AttributeString}}
	}
	return resource
}
