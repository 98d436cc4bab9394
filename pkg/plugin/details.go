package plugin

import (
	"net/netip"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// details is all that is known of one span. Numbers that may pass 2^53 are strings, as
// JavaScript would round them.
type details struct {
	ID           string `json:"id"`
	TraceID      string `json:"traceId,omitempty"`
	SpanID       string `json:"spanId,omitempty"`
	ParentSpanID string `json:"parentSpanId,omitempty"`
	TraceState   string `json:"traceState,omitempty"`
	Source       string `json:"source"`
	Point        string `json:"point"`
	Kind         string `json:"kind,omitempty"`

	StartNs       string `json:"startNs"`
	EndNs         string `json:"endNs"`
	Duration      uint64 `json:"duration"`             // ns
	ResponseStart uint64 `json:"response,omitempty"`   // ns after the start
	RequestEnd    uint64 `json:"requestEnd,omitempty"` // ns after the start, when the whole request was there
	Agent         string `json:"agent,omitempty"`
	Node          string `json:"node,omitempty"`

	Service       string `json:"service,omitempty"`
	Protocol      string `json:"protocol,omitempty"`
	Version       string `json:"version,omitempty"`
	Type          string `json:"type,omitempty"`
	Domain        string `json:"domain,omitempty"`
	Resource      string `json:"resource,omitempty"`
	Endpoint      string `json:"endpoint,omitempty"`
	Request       string `json:"request,omitempty"`
	RequestID     string `json:"requestId,omitempty"`
	XRequestID    string `json:"xRequestId,omitempty"`
	XResponseID   string `json:"xResponseId,omitempty"`
	Status        string `json:"status"`
	Code          int32  `json:"code,omitempty"`
	StatusMessage string `json:"statusMessage,omitempty"`
	RequestSize   uint64 `json:"requestSize,omitempty"`
	ResponseSize  uint64 `json:"responseSize,omitempty"`

	// Usual is where the duration lies among those of the span's kind; nil where too few are known.
	Usual *amongUsual `json:"usual,omitempty"`

	Client endDetails   `json:"client"`
	Server endDetails   `json:"server"`
	Entity *span.Entity `json:"entity,omitempty"` // who saw it
	Wire   *wireDetails `json:"wire,omitempty"`

	Process *processDetails `json:"process,omitempty"`

	ScopeName    string              `json:"scopeName,omitempty"`
	ScopeVersion string              `json:"scopeVersion,omitempty"`
	Attributes   []detailedAttribute `json:"attributes"`
	ResourceAttr []detailedAttribute `json:"resourceAttributes"`
	Events       []detailedEvent     `json:"events"`
	Links        []detailedLink      `json:"links"`
	Unread       string              `json:"unread,omitempty"` // events or links that are none of ours
	// SignalTags are what links to logs, metrics and profiles are made of: the tags of
	// Grafana's own trace view.
	SignalTags map[string]any `json:"signalTags"`
}

type endDetails struct {
	Address string       `json:"address,omitempty"`
	Entity  *span.Entity `json:"entity,omitempty"`
}

type wireDetails struct {
	Transport       uint8  `json:"transport,omitempty"`
	RequestSeq      uint32 `json:"requestSeq,omitempty"`
	ResponseSeq     uint32 `json:"responseSeq,omitempty"`
	Flow            string `json:"flow,omitempty"`
	Retransmissions uint16 `json:"retransmissions,omitempty"`
	Tunnel          string `json:"tunnel,omitempty"`
	Interface       string `json:"interface,omitempty"`
	InterfaceType   string `json:"interfaceType,omitempty"`
	TLS             bool   `json:"tls,omitempty"`
}

type processDetails struct {
	PID             uint32 `json:"pid"`
	TID             uint32 `json:"tid"`
	Command         string `json:"command,omitempty"`
	Goroutine       string `json:"goroutine,omitempty"`
	Passage         string `json:"passage,omitempty"`
	PassageRule     string `json:"passageRule,omitempty"`
	SyscallRequest  string `json:"syscallRequest,omitempty"`
	SyscallResponse string `json:"syscallResponse,omitempty"`
	CaptureSeq      string `json:"captureSeq,omitempty"`
}

type detailedAttribute struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
	Type  string `json:"type"`
}

// details tells all that is known of a span of the trace.
func (t *assembled) details(s *span.Span) details {
	d := details{
		ID: span.FormatID(s.ID), TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), ParentSpanID: s.ParentSpanID.String(),
		TraceState: s.TraceState, Source: s.Source.String(), Point: s.Point.String(), Kind: s.Kind.String(),
		StartNs: strconv.FormatInt(s.Start, 10), EndNs: strconv.FormatInt(s.End(), 10),
		Duration: s.Duration, ResponseStart: s.ResponseStart, RequestEnd: s.RequestEnd, Agent: s.Agent, Node: s.Node,
		Service: t.place(s).service, Protocol: s.Protocol, Version: s.Version, Type: s.Type, Domain: s.Domain, Resource: s.Resource,
		Endpoint: s.Endpoint, Request: requestOf(s), RequestID: s.RequestID, XRequestID: s.XRequestID, XResponseID: s.XResponseID,
		Status: s.Status.Of(s.Source), Code: s.Code, StatusMessage: s.StatusMessage,
		RequestSize: s.RequestSize, ResponseSize: s.ResponseSize,
		Client:    endDetails{addressText(s.Client), t.shownEntity(s.ClientEntity)},
		Server:    endDetails{addressText(s.Server), t.shownEntity(s.ServerEntity)},
		Entity:    t.shownEntity(s.Entity),
		ScopeName: s.ScopeName, ScopeVersion: s.ScopeVersion,
		Attributes:   detailedAttributes(s.Attributes),
		ResourceAttr: detailedAttributes(t.data.Resources[s.OTelResource].Attributes),
		SignalTags:   t.signalTags(s),
	}
	d.Events, d.Links, d.Unread = moments(s)
	d.Usual = t.among(s)
	if s.Source != span.APP {
		d.Wire = &wireDetails{
			Transport: s.Transport, RequestSeq: s.RequestSeq, ResponseSeq: s.ResponseSeq, Flow: number(s.Flow), Retransmissions: s.Retransmissions,
			Tunnel: s.Tunnel, Interface: s.Interface, InterfaceType: s.InterfaceType, TLS: s.TLS,
		}
	}
	if s.Source == span.SYS {
		d.Process = &processDetails{
			PID: s.PID, TID: s.TID, Command: s.Comm, Goroutine: number(s.Goroutine), Passage: number(s.Passage), PassageRule: s.PassageRule.String(),
			SyscallRequest: number(s.SyscallReq), SyscallResponse: number(s.SyscallResp), CaptureSeq: number(s.CaptureSeq),
		}
	}
	return d
}

func (t *assembled) signalTags(s *span.Span) map[string]any {
	tags := map[string]any{}
	for _, tag := range t.serviceTags(s, t.place(s)) {
		tags[tag.Key] = tag.Value
	}
	for _, a := range s.Attributes {
		tags[a.Key] = attributeValue(a)
	}
	return tags
}

// shownEntity is the entity without its id, a 64-bit number that says nothing to users and
// that JavaScript would round.
func (t *assembled) shownEntity(id uint64) *span.Entity {
	e := t.entity(id)
	if e == nil {
		return nil
	}
	shown := *e
	shown.ID = 0
	return &shown
}

func detailedAttributes(list []span.Attribute) []detailedAttribute {
	out := make([]detailedAttribute, 0, len(list))
	for _, a := range list {
		out = append(out, detailedAttribute{a.Key, attributeValue(a), attributeTypeName(a.Type)})
	}
	return out
}

func attributeTypeName(t span.AttributeType) string {
	switch t {
	case span.AttributeBool:
		return "bool"
	case span.AttributeInt:
		return "int"
	case span.AttributeDouble:
		return "double"
	case span.AttributeJSON:
		return "json"
	case span.AttributeBytes:
		return "bytes"
	default:
		return "string"
	}
}

// addressText is "" for an address that is not known; without a port where that is not.
func addressText(a netip.AddrPort) string {
	switch {
	case !a.Addr().IsValid():
		return ""
	case a.Port() == 0:
		return a.Addr().String()
	default:
		return a.String()
	}
}

func number(v uint64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatUint(v, 10)
}
