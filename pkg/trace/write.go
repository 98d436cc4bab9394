package trace

import (
	"bufio"
	"encoding/json"
	"io"

	"github.com/throughline-io/throughline/pkg/span"
)

// Write writes what Print prints as JSON, one span after the other: a large trace as one document
// takes several times the memory of its spans. Truncated is Printed's.
func Write(w io.Writer, t *Tree, entities func(id uint64) *span.Entity, truncated string) error {
	r := newPrinter(t, entities)
	p := r.head()
	out := &jsonWriter{to: bufio.NewWriterSize(w, 32<<10)}
	out.text("{")
	out.field("trace_id", p.TraceID)
	out.field("start", p.Start)
	out.field("duration", p.Duration)
	out.field("counts", p.Counts)
	out.field("where", p.Where)
	out.field("offsets", p.Offsets)
	out.name("spans")
	out.text("[")
	for i := range t.Spans {
		if i > 0 {
			out.text(",")
		}
		out.span(r.span(i))
		if out.err != nil { // nobody reads any more
			return out.err
		}
	}
	out.text("]")
	if len(p.Weak) > 0 {
		out.field("weak_links", p.Weak)
	}
	if truncated != "" {
		out.field("truncated", truncated)
	}
	out.text("}")
	if out.err != nil {
		return out.err
	}
	return out.to.Flush()
}

// jsonWriter writes an object member by member; after an error it writes nothing.
type jsonWriter struct {
	to      *bufio.Writer
	one     []byte // memory of a span
	members int
	err     error
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = w.to.WriteString(s)
	}
}

func (w *jsonWriter) name(name string) {
	if w.members++; w.members > 1 {
		w.text(",")
	}
	w.text(`"` + name + `":`)
}

func (w *jsonWriter) value(v any) {
	if w.err != nil {
		return
	}
	var b []byte
	if b, w.err = json.Marshal(v); w.err == nil {
		_, w.err = w.to.Write(b)
	}
}

func (w *jsonWriter) span(s PrintedSpan) {
	if w.one = appendSpan(w.one[:0], &s); w.err == nil {
		_, w.err = w.to.Write(w.one)
	}
}

func (w *jsonWriter) field(name string, v any) {
	w.name(name)
	w.value(v)
}
