package saved

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Limits are how much of a file is read.
type Limits struct {
	// Bytes are the most of a file, unpacked: a larger one is refused.
	Bytes int64
	// Spans are the most of a file: what lies beyond is left out, and said.
	Spans int
}

// File is what a file holds.
type File struct {
	Format  Format
	Traces  []*Trace // by start
	LeftOut []string // spans that are not there, and why; empty for none
	Foreign int      // documents without spans, as a collector writes metrics between
}

// Trace is one trace of a file, or several that are shown as one.
type Trace struct {
	ID        string // 32 hex digits; "" for spans without one
	Spans     []*span.Span
	Resources map[uint64]span.Resource
	Entities  map[uint64]span.Entity
	// links are the parents that the file gives, where it is of an assembled trace.
	links map[*span.Span]trace.Link
}

// Readable is what every refusal ends with.
const Readable = "Throughline reads its own JSON, OTLP in JSON (one document, or one on each line), and the JSON of Jaeger, Zipkin (version 2) and Tempo, each also packed by gzip"

// Read reads a file. Its errors say what the file was taken for, where it could not be read,
// and what can be.
func Read(file []byte, l Limits) (*File, error) {
	text, err := unpack(file, l.Bytes)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := mustBeJSON(text); err != nil {
		return nil, err
	}
	r := reader{limits: l, text: text}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r.file()
}

// ErrEmpty is wrapped by the error of a file that can be read and has no spans.
var ErrEmpty = errors.New("it has no spans")

// Find is the trace with this id; the only one where there is one, and id is "".
func (f *File) Find(id string) (*Trace, error) {
	if id == "" && len(f.Traces) == 1 {
		return f.Traces[0], nil
	}
	if id == All {
		return f.together(), nil
	}
	for _, t := range f.Traces {
		if t.ID == id {
			return t, nil
		}
	}
	return nil, fmt.Errorf("the file has no trace %.64q: it has %d", id, len(f.Traces))
}

// All is the id of all traces of a file as one.
const All = "all"

func (f *File) together() *Trace {
	all := &Trace{ID: All, Resources: map[uint64]span.Resource{}, Entities: map[uint64]span.Entity{}, links: map[*span.Span]trace.Link{}}
	for _, t := range f.Traces {
		all.Spans = append(all.Spans, t.Spans...)
		all.Resources, all.Entities = t.Resources, t.Entities // of the whole file
		all.links = t.links
	}
	return all
}

// Assemble makes the tree of the trace: by the same rules as of spans that were received; of
// a file that holds an assembled trace, the links that it gives.
func (t *Trace) Assemble() *trace.Tree {
	o := trace.Options{Entities: t.Entity}
	if len(t.links) > 0 {
		return trace.Restore(t.Spans, t.links, o)
	}
	return trace.Assemble(t.Spans, o)
}

// Entity is who an end of a span is; nil where the file does not say.
func (t *Trace) Entity(id uint64) *span.Entity {
	e, ok := t.Entities[id]
	if !ok {
		return nil
	}
	return &e
}

// Start is the earliest start of a span, in Unix ns.
func (t *Trace) Start() int64 {
	return slices.MinFunc(t.Spans, func(a, b *span.Span) int { return cmp.Compare(a.Start, b.Start) }).Start
}

// Root is the earliest span that has no parent, else the earliest.
func (t *Trace) Root() *span.Span {
	var root *span.Span
	for _, s := range t.Spans {
		switch {
		case root == nil:
			root = s
		case root.ParentSpanID.IsZero() != s.ParentSpanID.IsZero():
			if s.ParentSpanID.IsZero() {
				root = s
			}
		case s.Start < root.Start:
			root = s
		}
	}
	return root
}

// file divides what was read into traces.
func (r *reader) file() (*File, error) {
	f := &File{Format: r.format, LeftOut: r.leftOut, Foreign: r.foreign}
	if r.beyond > 0 {
		f.LeftOut = append(f.LeftOut, fmt.Sprintf("%s: no more than %d of a file are read", words.Count(r.beyond, "span"), r.limits.Spans))
	}
	if len(r.spans) == 0 {
		why := ErrEmpty
		if len(f.LeftOut) > 0 {
			why = fmt.Errorf("it has no span that can be read: %s", strings.Join(f.LeftOut, "; "))
		}
		return nil, fmt.Errorf("the file was taken for %s, but %w. %s", r.format, why, Readable)
	}
	r.nameEnds()
	at := map[string]*Trace{}
	for k, s := range r.spans {
		id := r.ids[k]
		t := at[id]
		if t == nil {
			t = &Trace{ID: id, Resources: r.resources, Entities: r.entities, links: r.links}
			at[id] = t
			f.Traces = append(f.Traces, t)
		}
		t.Spans = append(t.Spans, s)
	}
	slices.SortStableFunc(f.Traces, func(a, b *Trace) int { return cmp.Compare(a.Start(), b.Start()) })
	return f, nil
}
