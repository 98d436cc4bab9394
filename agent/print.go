package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/span"
)

// printer writes spans and edges as lines of JSON, for looking at what an agent sees.
type printer struct {
	mu sync.Mutex
	to *json.Encoder
}

func newPrinter(w io.Writer) *printer {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &printer{to: e}
}

// line is a span as it is printed; what is not known is left out.
type line struct {
	ID              string            `json:"id"`
	Source          string            `json:"source"`
	Point           string            `json:"point"`
	Kind            string            `json:"kind,omitempty"`
	TraceID         string            `json:"trace_id,omitempty"`
	SpanID          string            `json:"span_id,omitempty"`
	ParentSpanID    string            `json:"parent_span_id,omitempty"`
	Start           int64             `json:"start"`
	Duration        uint64            `json:"duration"`
	ResponseStart   uint64            `json:"response_start,omitempty"`
	RequestEnd      uint64            `json:"request_end,omitempty"`
	Node            string            `json:"node,omitempty"`
	PodIP           string            `json:"pod_ip,omitempty"`
	Service         string            `json:"service,omitempty"`
	Protocol        string            `json:"protocol,omitempty"`
	Type            string            `json:"type,omitempty"`
	Domain          string            `json:"domain,omitempty"`
	Resource        string            `json:"request_resource,omitempty"`
	Endpoint        string            `json:"endpoint,omitempty"`
	XRequestID      string            `json:"x_request_id,omitempty"`
	Status          string            `json:"status,omitempty"`
	Code            int32             `json:"code,omitempty"`
	StatusMessage   string            `json:"status_message,omitempty"`
	Client          string            `json:"client,omitempty"`
	Server          string            `json:"server,omitempty"`
	RequestSeq      uint32            `json:"request_seq,omitempty"`
	ResponseSeq     uint32            `json:"response_seq,omitempty"`
	Retransmissions uint16            `json:"retransmissions,omitempty"`
	Tunnel          string            `json:"tunnel,omitempty"`
	Interface       string            `json:"interface,omitempty"`
	InterfaceType   string            `json:"interface_type,omitempty"`
	PID             uint32            `json:"pid,omitempty"`
	TID             uint32            `json:"tid,omitempty"`
	Comm            string            `json:"comm,omitempty"`
	Goroutine       uint64            `json:"goroutine,omitempty"`
	Passage         uint64            `json:"passage,omitempty"`
	PassageRule     string            `json:"passage_rule,omitempty"`
	Attributes      map[string]string `json:"attributes,omitempty"`
	Events          json.RawMessage   `json:"events,omitempty"`
	Links           json.RawMessage   `json:"links,omitempty"`
}

// AddOf prints a span; which pod it is of is seen by its process.
func (p *printer) AddOf(s *span.Span, _ span.Resource) { p.Add(s) }

func (p *printer) Add(s *span.Span) {
	l := line{
		ID: span.FormatID(s.ID), Source: s.Source.String(), Point: s.Point.String(), Kind: s.Kind.String(),
		TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), ParentSpanID: s.ParentSpanID.String(),
		Start: s.Start, Duration: s.Duration, ResponseStart: s.ResponseStart, RequestEnd: s.RequestEnd, Node: s.Node, PodIP: addrText(s.PodIP), Service: s.Service,
		Protocol: s.Protocol, Type: s.Type, Domain: s.Domain, Resource: s.Resource, Endpoint: s.Endpoint, XRequestID: s.XRequestID,
		Status: s.Status.String(), Code: s.Code, StatusMessage: s.StatusMessage, Client: endText(s.Client), Server: endText(s.Server),
		RequestSeq: s.RequestSeq, ResponseSeq: s.ResponseSeq, Retransmissions: s.Retransmissions, Tunnel: s.Tunnel, Interface: s.Interface, InterfaceType: s.InterfaceType,
		PID: s.PID, TID: s.TID, Comm: s.Comm, Goroutine: s.Goroutine, Passage: s.Passage, PassageRule: s.PassageRule.String(),
		Events: json.RawMessage(s.Events), Links: json.RawMessage(s.Links),
	}
	for _, a := range s.Attributes {
		if l.Attributes == nil {
			l.Attributes = map[string]string{}
		}
		l.Attributes[a.Key] = a.Value
	}
	p.print(l)
}

func (p *printer) AddEdge(e span.Edge) {
	kinds := map[span.EdgeKind]string{span.EdgePassage: "passage", span.EdgeRoot: "root"}
	p.print(map[string]any{"edge": kinds[e.Kind], "a": fmt.Sprintf("%016x", uint64(e.A)), "b": fmt.Sprintf("%016x", uint64(e.B)), "time": e.Time})
}

func (p *printer) Put(b *span.Batch, _ export.Key) (*export.Delivery, error) {
	for s := range b.Spans() {
		p.Add(s)
	}
	for _, e := range b.Edges {
		p.AddEdge(e)
	}
	return new(export.Delivery), nil
}

func (p *printer) Keyed() bool                 { return false }
func (p *printer) Problem() error              { return nil }
func (p *printer) Flush(context.Context) error { return nil }
func (p *printer) Close() error                { return nil }

func (p *printer) print(v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to.Encode(v) //nolint:errcheck // who looks at the output sees that it ended
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// endText is an end of a connection; its port may be known without the address.
func endText(a netip.AddrPort) string {
	switch {
	case a.Addr().IsValid():
		return a.String()
	case a.Port() != 0:
		return fmt.Sprintf(":%d", a.Port())
	}
	return ""
}
