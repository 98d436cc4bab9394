package otlptrace

import (
	"cmp"
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// Trace is a tree, and what its spans refer to.
type Trace struct {
	Tree      *trace.Tree
	Entities  trace.Entities           // nil: none is known
	Resources map[uint64]span.Resource // of code
	// Parents gives code the parent that was found for it, too: the request that came to its
	// process. Without, code keeps the parent that it names, so that nothing of what was sent is lost.
	Parents bool
	// Keep says which spans are in Items; nil: all. The spans below one that is not hang under the
	// next above it that is, or that is code: its store has it.
	Keep func(i int) bool
}

func (t *Trace) kept(i int) bool { return t.Keep == nil || t.Keep(i) }

// parent is the index of the span under which one hangs in Items; -1: none.
func (t *Trace) parent(i int) int32 {
	p := t.Tree.Parent[i]
	for p >= 0 && t.Tree.Spans[p].Source != span.APP && !t.kept(int(p)) {
		p = t.Tree.Parent[p]
	}
	return p
}

// ID is the trace's id: the one that most spans carry; of requests without trace context one that
// is the same each time.
func (t *Trace) ID() span.TraceID {
	id := t.Tree.TraceID()
	if id.IsZero() && len(t.Tree.Spans) > 0 {
		binary.BigEndian.PutUint64(id[8:], t.Tree.Spans[0].ID)
	}
	return id
}

// Items are the spans in the order of the tree.
func (t *Trace) Items() []document.Item {
	items := make([]document.Item, 0, len(t.Tree.Spans))
	id, ids := t.ID(), SpanIDs(t.Tree)
	for i, s := range t.Tree.Spans {
		if !t.kept(i) {
			continue
		}
		if s.Source == span.APP {
			items = append(items, document.Item{Span: t.code(i, ids), Resource: t.codeResource(s)})
			continue
		}
		items = append(items, document.Item{Span: t.hop(i, id, ids), Resource: t.hopResource(s)})
	}
	return items
}

// ParentAttribute is where code that was given another parent says which one it named.
const ParentAttribute = "throughline.parent_span_id"

func (t *Trace) code(i int, ids []span.SpanID) *span.Span {
	s := t.Tree.Spans[i]
	if !t.Parents {
		return s
	}
	out := *s
	out.SpanID, out.ParentSpanID = ids[i], span.SpanID{}
	if parent := t.parent(i); parent >= 0 {
		out.ParentSpanID = ids[parent]
	} else if t.Tree.Orphan[i] != "" { // whose parent is not here
		out.ParentSpanID = s.ParentSpanID
	}
	if out.ParentSpanID != s.ParentSpanID {
		list := attributeList{}
		list = append(list, s.Attributes...)
		list.text(ParentAttribute, s.ParentSpanID.String())
		list.text("throughline.link.rule", t.Tree.Rule[i].String())
		list.text("throughline.link.reason", t.Tree.Reason[i])
		list.text("throughline.link.confidence", t.Tree.Confidence[i].String())
		out.Attributes = list
	}
	return &out
}

// codeResource is the resource as it was sent; of spans that came without one it has the name
// they are known by.
func (t *Trace) codeResource(s *span.Span) []span.Attribute {
	resource := t.Resources[s.OTelResource].Attributes
	if len(resource) == 0 && s.Service != "" {
		return []span.Attribute{{Key: "service.name", Value: s.Service, Type: span.AttributeString}}
	}
	return resource
}

func (t *Trace) entity(id uint64) *span.Entity {
	if t.Entities == nil {
		return nil
	}
	return t.Entities(id)
}

// SpanIDs are the spans' ids in OpenTelemetry: that of code, and our own of what has none. Where two
// spans of code have the same id, as the two ends of a call have in Zipkin's model, the second one
// has ours.
func SpanIDs(t *trace.Tree) []span.SpanID {
	ids := make([]span.SpanID, len(t.Spans))
	taken := make(map[span.SpanID]bool, len(ids))
	for i, s := range t.Spans {
		if ids[i] = s.SpanID; s.Source != span.APP || taken[ids[i]] || ids[i].IsZero() {
			binary.BigEndian.PutUint64(ids[i][:], s.ID)
		}
		taken[ids[i]] = true
	}
	return ids
}

// Name is the words for a span: its name, of what system calls and packets showed the request. It
// is never empty, so that every bar can be read.
func Name(s *span.Span) string {
	return cmp.Or(name(s), s.Protocol, s.Source.String()+" "+s.Point.String())
}

func name(s *span.Span) string {
	switch {
	case s.Source != span.APP:
		return s.Request()
	case s.Endpoint == "" && s.Protocol == "HTTP" && s.Type != "" && s.Resource != "":
		return s.Type + " " + s.Resource
	}
	return cmp.Or(s.Endpoint, s.Resource)
}

// Service is whose a span is. Network spans are grouped under their node: they belong to no service.
func Service(s *span.Span, p Place) string {
	switch {
	case p.Service != "":
		return p.Service
	case s.Source == span.NET:
		return "network on " + s.Node
	}
	return cmp.Or(p.Pod, s.Comm, "unknown")
}
