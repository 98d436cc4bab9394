package apm

import (
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// skyWalkingSpan is a span of trace.graphqls. Times are Unix ms.
type skyWalkingSpan struct {
	TraceID  string `json:"traceId"`
	Segment  string `json:"segmentId"`
	Number   int32  `json:"spanId"`
	Parent   int32  `json:"parentSpanId"` // -1: none in its segment
	Refs     []skyWalkingRef
	Service  string `json:"serviceCode"`
	Instance string `json:"serviceInstanceName"`
	Start    int64  `json:"startTime"`
	End      int64  `json:"endTime"`
	Endpoint string `json:"endpointName"`
	Type     string `json:"type"` // Entry, Exit, Local
	Peer     string `json:"peer"`
	// Component is a name of component-libraries.yml, such as "mysql-connector-java".
	Component string `json:"component"`
	Failed    bool   `json:"isError"`
	Layer     string `json:"layer"` // Http, Database, RPCFramework, MQ, Cache, ...
	Tags      []skyWalkingPair
	Logs      []struct {
		Time int64 // Unix ms
		Data []skyWalkingPair
	}
}

type skyWalkingRef struct {
	TraceID string `json:"traceId"`
	Segment string `json:"parentSegmentId"`
	Number  int32  `json:"parentSpanId"`
}

type skyWalkingPair struct{ Key, Value string }

func (s *skyWalkingSpan) resource() (list []*common.KeyValue) {
	list = append(list, text("service.name", s.Service))
	if s.Instance != "" {
		list = append(list, text("service.instance.id", s.Instance))
	}
	return append(list, text("telemetry.sdk.name", "skywalking"))
}

// otlp is the span with the ids that it has where its agent sends it here (span.SkyWalkingSpanID), which
// are those of the requests that carry sw8.
func (s *skyWalkingSpan) otlp() *tracev1.Span {
	trace, own := span.SkyWalkingTraceID([]byte(s.TraceID)), span.SkyWalkingSpanID([]byte(s.Segment), s.Number)
	out := &tracev1.Span{
		TraceId: trace[:], SpanId: own[:], Name: clean(s.Endpoint), Kind: s.kind(), StartTimeUnixNano: nanoseconds(s.Start), EndTimeUnixNano: nanoseconds(s.End),
	}
	if s.Failed {
		out.Status = &tracev1.Status{Code: tracev1.Status_STATUS_CODE_ERROR}
	}
	s.refer(out)
	add := func(list ...*common.KeyValue) { out.Attributes = append(out.Attributes, list...) }
	if s.Number == 0 {
		add(text("sw8.trace_id", s.TraceID), text("sw8.segment_id", s.Segment))
	}
	if s.Component != "" {
		add(text("sw8.component", s.Component))
	}
	add(s.peer()...)
	for _, t := range s.Tags {
		if t.Key != "" {
			add(t.tag()...)
		}
	}
	for _, l := range s.Logs {
		e := &tracev1.Span_Event{TimeUnixNano: nanoseconds(l.Time), Name: "log"}
		for _, f := range l.Data {
			switch {
			case f.Key == "event" && f.Value == "error", f.Key == "Traceback":
				e.Name = "exception"
			case f.Key == "event":
				e.Name = clean(f.Value)
			}
			if f.Key != "event" && f.Key != "" {
				e.Attributes = append(e.Attributes, text(otlp.SkyWalkingException(f.Key), f.Value))
			}
		}
		out.Events = append(out.Events, e)
	}
	return out
}

// refer sets parent and links: the parent is in the span's segment, else the first reference of its
// trace.
func (s *skyWalkingSpan) refer(out *tracev1.Span) {
	found := s.Parent >= 0 && s.Parent != s.Number
	if found {
		parent := span.SkyWalkingSpanID([]byte(s.Segment), s.Parent)
		out.ParentSpanId = parent[:]
	}
	for _, r := range s.Refs {
		of, id := span.SkyWalkingTraceID([]byte(r.TraceID)), span.SkyWalkingSpanID([]byte(r.Segment), r.Number)
		switch {
		case id.IsZero():
		case !found && (r.TraceID == "" || r.TraceID == s.TraceID):
			found, out.ParentSpanId = true, id[:]
		default:
			out.Links = append(out.Links, &tracev1.Span_Link{TraceId: of[:], SpanId: id[:]})
		}
	}
}

func (s *skyWalkingSpan) kind() tracev1.Span_SpanKind {
	queue := s.Layer == "MQ"
	switch {
	case s.Type == "Entry" && queue:
		return tracev1.Span_SPAN_KIND_CONSUMER
	case s.Type == "Entry":
		return tracev1.Span_SPAN_KIND_SERVER
	case s.Type == "Exit" && queue:
		return tracev1.Span_SPAN_KIND_PRODUCER
	case s.Type == "Exit":
		return tracev1.Span_SPAN_KIND_CLIENT
	case s.Type == "Local":
		return tracev1.Span_SPAN_KIND_INTERNAL
	}
	return tracev1.Span_SPAN_KIND_UNSPECIFIED
}

// peer is who is at the other end, "host:port": of a client's span the server, of a server's the client.
// Clusters have several, which are no address.
func (s *skyWalkingSpan) peer() (list []*common.KeyValue) {
	if s.Peer == "" || s.Type == "Local" {
		return nil
	}
	if strings.ContainsAny(s.Peer, ",;|") {
		return append(list, text("sw8.peer", s.Peer))
	}
	host, port := s.Peer, int64(0)
	if h, p, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			host, port = h, int64(n)
		}
	}
	sides := []string{"client."}
	if s.Type == "Exit" {
		sides[0] = "server."
	}
	if _, err := netip.ParseAddr(host); err == nil {
		sides = append(sides, "network.peer.")
	}
	for _, side := range sides {
		list = append(list, text(side+"address", host))
		if port > 0 {
			list = append(list, whole(side+"port", port))
		}
	}
	return list
}

// tag is a tag by OpenTelemetry's name, where that has one.
func (t skyWalkingPair) tag() []*common.KeyValue {
	switch t.Key {
	case "url", "http.url":
		if !strings.HasPrefix(t.Value, "/") {
			return []*common.KeyValue{text("url.full", t.Value)}
		}
		path, query, asked := strings.Cut(t.Value, "?")
		list := []*common.KeyValue{text("url.path", path)}
		if asked {
			list = append(list, text("url.query", query))
		}
		return list
	case "status_code", "http.status_code", "http.status.code":
		if n, err := strconv.ParseInt(t.Value, 10, 32); err == nil {
			return []*common.KeyValue{whole("http.response.status_code", n)}
		}
	case "db.type", "cache.type":
		if name := strings.ToLower(t.Value); name != "sql" { // which says nothing
			return []*common.KeyValue{text("db.system.name", name)}
		}
	}
	return []*common.KeyValue{text(otlp.SkyWalkingTag(t.Key), t.Value)}
}

// nanoseconds are a time's, of ms; 0, which is no time, of what is none.
func nanoseconds(ms int64) uint64 {
	if ms <= 0 || ms > math.MaxInt64/1_000_000 {
		return 0
	}
	return uint64(ms) * 1_000_000
}

func clean(value string) string { return strings.ToValidUTF8(value, "\ufffd") }

func text(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: clean(key), Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: clean(value)}}}
}

func whole(key string, value int64) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
}
