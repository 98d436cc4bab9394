package plugin

import (
	"fmt"
	"io"
	"net/http"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/otlptrace"
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

// documentItems are the spans as OTLP has them. Code keeps the parent that it names, so that
// nothing of what was sent is lost.
func (t *assembled) documentItems() []document.Item {
	of := otlptrace.Trace{Tree: t.tree, Entities: t.entity, Resources: t.data.Resources}
	return of.Items()
}
