package query

import (
	"bufio"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/server/completion"
	"github.com/throughline-io/throughline/server/text"
)

// complete answers APP spans that are handed in as OTLP with what agents saw around them.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) error {
	p := newParams(r.URL.RawQuery, s.c.Now())
	format := p.choice("format", "json", "otlp", "tree", "table")
	most := p.number("max_spans", 0, 1, maxTraceSpans)
	if err := p.done(); err != nil {
		return err
	}
	body, err := s.body(w, r)
	if err != nil {
		return err
	}
	asked, err := readOTLP(mediaType(r), body)
	if err != nil {
		return err
	}
	asked.MaxSpans = most
	done, err := completion.Complete(r.Context(), s.c.Store, asked)
	if err != nil {
		return completionError(err)
	}
	leftOut := strings.Join(done.LeftOut, "; ")
	switch format {
	case "json":
		w.Header().Set("Content-Type", "application/json")
		_ = trace.Write(w, done.Tree, done.Entities, leftOut) // the reader may be gone
	case "otlp":
		of := otlptrace.Trace{Tree: done.Tree, Entities: done.Entities, Resources: done.Resources, Parents: true}
		w.Header().Set("Content-Type", "application/json")
		return document.Write(w, of.Items())
	default:
		write := text.Tree
		if format == "table" {
			write = text.Table
		}
		printed := trace.Print(done.Tree, done.Entities)
		printed.Truncated = leftOut
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		out := bufio.NewWriter(w)
		if err := write(out, printed, false); err == nil {
			_ = out.Flush() // the reader may be gone
		}
	}
	return nil
}

// readOTLP reads the spans of a body in OTLP's protobuf or JSON.
func readOTLP(media string, body []byte) (completion.Request, error) {
	d := otlp.NewFileDecoder(completion.MaxSpans + 1)
	d.Reset("", "", netip.Addr{})
	read := d.JSON
	switch media {
	case "application/x-protobuf", "application/protobuf":
		read = d.Protobuf
	case "application/json", "":
	default:
		return completion.Request{}, &failure{http.StatusUnsupportedMediaType, "Content-Type " + quoted(media) + ": want application/json or application/x-protobuf, with OTLP's traces in it"}
	}
	if err := read(body); err != nil {
		return completion.Request{}, badRequest("the body is no OTLP: %v", err)
	}
	if n, why := d.Rejected(); n > 0 {
		return completion.Request{}, badRequest("%s", why)
	}
	batch := d.Batch()
	if batch.Len() == 0 {
		return completion.Request{}, badRequest("there is no span in the body, and completion begins with some")
	}
	asked := completion.Request{Spans: slices.Collect(batch.Spans()), Resources: map[uint64]span.Resource{}}
	for _, one := range batch.OTelResources {
		asked.Resources[one.ID] = one
	}
	return asked, nil
}

func completionError(err error) error {
	if errors.Is(err, completion.ErrTooMany) {
		return badRequest("%v", err)
	}
	return storeError(err)
}

// agentNumbers gives the agents of a trace numbers, for a form that has no names of them.
func agentNumbers(t *trace.Tree) map[string]int {
	names := map[string]int{}
	for _, s := range t.Spans {
		if s.Agent != "" {
			names[s.Agent] = 0
		}
	}
	for i, name := range slices.Sorted(maps.Keys(names)) {
		names[name] = i + 1
	}
	return names
}
