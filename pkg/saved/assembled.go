package saved

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// assembledTrace is a trace as the panel saves it, with times from its start, or as the HTTP
// API and the command line print it (trace.Printed), with times since 1970.
type assembledTrace struct {
	TraceID   string `json:"trace_id"`
	StartNs   string `json:"start_ns"` // the panel's
	Truncated string `json:"truncated"`
}

// assembledSpan is a span of either.
type assembledSpan struct {
	ID             string `json:"id"`
	Parent         string `json:"parent"`
	Source         string `json:"source"`
	Point          string `json:"observation_point"`
	Kind           string `json:"kind"`
	Service        string `json:"service"`
	Name           string `json:"name"`
	Node           string `json:"node"`
	Pod            string `json:"pod"`
	OfPod          string `json:"of_pod"`
	Namespace      string `json:"namespace"`
	Interface      string `json:"interface"` // the panel's name; of the API its type
	InterfaceName  string `json:"interface_name"`
	InterfaceType  string `json:"interface_type"`
	Tunnel         string `json:"tunnel"`
	Protocol       string `json:"protocol"`
	Request        string `json:"request"`
	Client         string `json:"client"`
	Server         string `json:"server"`
	ClientAddress  string `json:"client_address"`
	ServerAddress  string `json:"server_address"`
	Status         string `json:"status"`
	Message        string `json:"message"`
	Code           int32  `json:"code"`
	Peer           string `json:"peer"`
	PeerKind       string `json:"peer_kind"`
	Rule           string `json:"rule"`
	Reason         string `json:"reason"`
	Confidence     string `json:"confidence"`
	Missing        uint8  `json:"missing"`
	MissingHops    uint8  `json:"missing_hops"`
	Orphan         string `json:"orphan"`
	TraceID        string `json:"trace_id"`
	SpanID         string `json:"span_id"`
	Start          int64  `json:"start"`
	End            int64  `json:"end"`
	ResponseStart  uint64 `json:"response_start"`
	RequestEnd     uint64 `json:"request_end"`
	Retransmission uint16 `json:"retransmissions"`
	// The panel's times are nanoseconds as JavaScript has them.
	OffsetNs   float64 `json:"offset_ns"`
	DurationNs float64 `json:"duration_ns"`
	ResponseNs float64 `json:"response_ns"`
	Events     []struct {
		Time       int64           `json:"t"` // ns after the span's start
		Name       string          `json:"name"`
		Attributes json.RawMessage `json:"attributes,omitempty"`
	} `json:"events"`
}

// assembled reads a trace that was assembled before, with the links it was given.
func (r *reader) assembled(n node) error {
	var whole assembledTrace
	if err := r.decode(n, "", &whole); err != nil {
		return err
	}
	spans, _ := n.member("spans")
	if !spans.is('[') {
		return r.unreadable(spans.at, fmt.Errorf("spans is no list"))
	}
	start, err := strconv.ParseInt(cmp.Or(whole.StartNs, "0"), 10, 64)
	if err != nil {
		return r.unreadable(n.at, fmt.Errorf("start_ns %.40q is no time in nanoseconds", whole.StartNs))
	}
	if whole.Truncated != "" {
		r.leftOut = append(r.leftOut, "what was not there when the trace was saved: "+whole.Truncated)
	}
	read := make(map[string]*span.Span)
	parents := make(map[*span.Span]string)
	k := 0
	for m := range spans.members() {
		if r.room() == 0 {
			r.beyond++
			continue
		}
		var a assembledSpan
		path := fmt.Sprintf("spans[%d]", k)
		if err := r.decode(m.node, path, &a); err != nil {
			return err
		}
		s, err := r.spanOf(&a, whole.StartNs != "", start)
		if err == nil {
			r.links[s], err = a.link()
		}
		if err != nil {
			return r.unreadable(m.at, fmt.Errorf("%s: %w", path, err))
		}
		if s.TraceID.IsZero() && s.Source == span.APP {
			s.TraceID, _ = span.ParseTraceID(whole.TraceID) // none: it is shown without
		}
		read[a.ID], parents[s] = s, a.Parent
		r.spans, r.ids = append(r.spans, s), append(r.ids, whole.TraceID)
		k++
	}
	for s, parent := range parents {
		l := r.links[s]
		if l.Parent = read[parent]; l.Parent == nil && parent != "" {
			l.Orphan = fmt.Sprintf("its parent %.40s is not in the file", parent)
		}
		r.links[s] = l
	}
	return nil
}

func (a *assembledSpan) link() (l trace.Link, err error) {
	if l.Rule, err = trace.ParseRule(a.Rule); err != nil {
		return l, err
	}
	if a.Confidence != "root" { // the panel's word for no link
		l.Confidence, err = trace.ParseConfidence(a.Confidence)
	}
	l.Reason, l.Orphan, l.Missing = a.Reason, a.Orphan, max(a.Missing, a.MissingHops)
	return l, err
}

// spanOf is the span, with entities of the names that it has.
func (r *reader) spanOf(a *assembledSpan, relative bool, start int64) (*span.Span, error) {
	s := &span.Span{
		Kind: kindOf(a.Kind), Service: a.Service, Node: a.Node, Protocol: a.Protocol, Code: a.Code, Status: statusOf(a.Status), StatusMessage: a.Message,
		Tunnel: a.Tunnel, Interface: a.InterfaceName, InterfaceType: a.Interface, Retransmissions: a.Retransmission,
		Start: a.Start, Duration: uint64(max(0, a.End-a.Start)), ResponseStart: a.ResponseStart, RequestEnd: a.RequestEnd,
	}
	if relative {
		s.Start, s.Duration, s.ResponseStart = start+int64(a.OffsetNs), uint64(max(0, a.DurationNs)), uint64(max(0, a.ResponseNs))
		s.Interface, s.InterfaceType = a.Interface, a.InterfaceType
	}
	var err error
	if s.Source, err = span.ParseSource(a.Source); err != nil {
		return nil, err
	}
	if s.Point, err = span.ParsePoint(a.Point); err != nil {
		return nil, err
	}
	s.ID, _ = strconv.ParseUint(a.ID, 16, 64) // one with a suffix has no id of its own
	s.TraceID, _ = span.ParseTraceID(a.TraceID)
	if s.SpanID, _ = span.ParseSpanID(a.SpanID); s.Source == span.APP && s.SpanID.IsZero() {
		s.SpanID, _ = span.ParseSpanID(a.ID)
	}
	a.ask(s)
	if a.PeerKind != "" || a.Peer != "" {
		s.Attributes = []span.Attribute{{Key: trace.SavedPeerKind, Value: a.PeerKind, Type: span.AttributeString}, {Key: trace.SavedPeerName, Value: a.Peer, Type: span.AttributeString}}
	}
	r.locate(a, s)
	s.Events = a.events(s.Start)
	return s, nil
}

// events are the span's events as they are stored.
func (a *assembledSpan) events(start int64) string {
	if len(a.Events) == 0 {
		return ""
	}
	type event struct {
		Time       int64           `json:"time"`
		Name       string          `json:"name"`
		Attributes json.RawMessage `json:"attributes,omitempty"`
	}
	list := make([]event, 0, len(a.Events))
	for _, e := range a.Events {
		list = append(list, event{start + e.Time, e.Name, e.Attributes})
	}
	text, _ := json.Marshal(list) // it was JSON
	return string(text)
}

// ask sets what was asked for, so that it reads as it did.
func (a *assembledSpan) ask(s *span.Span) {
	verb, path, _ := strings.Cut(a.Request, " ")
	if s.Source == span.APP {
		s.Endpoint, s.Resource = a.Name, a.Request
		if span.AsksByMethod(s.Protocol) && path != "" {
			s.Type, s.Resource = verb, path
		}
		return
	}
	if span.AsksByMethod(s.Protocol) {
		s.Type, s.Endpoint = verb, path
	} else {
		s.Resource = a.Request
	}
}

// locate names where the span was seen and both ends of its connection.
func (r *reader) locate(a *assembledSpan, s *span.Span) {
	s.Client, s.Server = addressOf(a.ClientAddress, a.Client), addressOf(a.ServerAddress, a.Server)
	if s.Source != span.NET {
		s.Entity = r.entity(span.Entity{Type: "pod", Pod: a.Pod, Namespace: a.Namespace})
	}
	client, server := span.Entity{Type: "pod", Service: nameOf(a.Client)}, span.Entity{Type: "pod", Service: nameOf(a.Server)}
	switch {
	case s.Point.Client() && s.Source == span.NET:
		client.Pod, client.Namespace = a.OfPod, a.Namespace
	case s.Point.Server() && s.Source == span.NET:
		server.Pod, server.Namespace = a.OfPod, a.Namespace
	}
	s.ClientEntity, s.ServerEntity = r.entity(client), r.entity(server)
}

// entity is the id of an entity; 0 of one that nothing is known of.
func (r *reader) entity(e span.Entity) uint64 {
	if e.Service == "" && e.Pod == "" && e.Namespace == "" && e.Process == "" && e.Workload == "" && e.IP == "" {
		return 0
	}
	e.ID = span.EntityID(&e)
	r.entities[e.ID] = e
	return e.ID
}

func nameOf(end string) string {
	if addressOf(end).IsValid() {
		return ""
	}
	if _, err := netip.ParseAddr(end); err == nil {
		return ""
	}
	return end
}

// addressOf is the first of the texts that is an address.
func addressOf(texts ...string) netip.AddrPort {
	for _, t := range texts {
		if a, err := netip.ParseAddrPort(t); err == nil {
			return a
		}
		if a, err := netip.ParseAddr(t); err == nil {
			return netip.AddrPortFrom(a, 0)
		}
	}
	return netip.AddrPort{}
}

func kindOf(name string) span.Kind {
	for k := span.KindUnspecified; k <= span.KindConsumer; k++ {
		if k.String() == name {
			return k
		}
	}
	return span.KindUnspecified
}

func statusOf(name string) span.Status {
	for s := span.StatusUnknown; s <= span.StatusLast; s++ {
		if s.String() == name {
			return s
		}
	}
	return span.StatusUnknown
}
