package query

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/server/completion"
)

// DeepFlow's Trace Completion API, as its documentation has it (docs, "Trace Completion"): an APM
// that asks DeepFlow asks here by changing a host name.

// deepFlowQuestion is the body. max_iteration and network_delay_us are read and not needed: spans
// are found by what joins them, and not within a number of rounds or of microseconds.
type deepFlowQuestion struct {
	MaxIteration *int              `json:"max_iteration"`
	NetworkDelay *int              `json:"network_delay_us"`
	AppSpans     []deepFlowAppSpan `json:"app_spans"`
}

type deepFlowAppSpan struct {
	TraceID      string `json:"trace_id"`
	SpanID       string `json:"span_id"`
	ParentSpanID string `json:"parent_span_id"`
	Kind         int    `json:"span_kind"`
	Start        int64  `json:"start_time_us"`
	End          int64  `json:"end_time_us"`
}

// completeAsDeepFlow answers APP spans of which only ids, kinds and times are given.
func (s *Server) completeAsDeepFlow(w http.ResponseWriter, r *http.Request) error {
	body, err := s.body(w, r)
	if err != nil {
		return err
	}
	asked, err := readDeepFlow(body)
	if err != nil {
		return err
	}
	done, err := completion.Complete(r.Context(), s.c.Store, asked)
	if err != nil {
		return completionError(err)
	}
	writeJSON(w, http.StatusOK, map[string]any{"OPT_STATUS": "SUCCESS", "DESCRIPTION": strings.Join(done.LeftOut, "; "), "DATA": map[string]any{"tracing": deepFlowTracing(done)}})
	return nil
}

func readDeepFlow(body []byte) (asked completion.Request, err error) {
	var q deepFlowQuestion
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&q); err != nil {
		return asked, badRequest("the body cannot be read as JSON: %v", err)
	}
	if len(q.AppSpans) == 0 {
		return asked, badRequest("app_spans is empty: completion begins with some spans")
	}
	for i, a := range q.AppSpans {
		one, err := a.span()
		if err != nil {
			return asked, badRequest("app_spans[%d]: %v", i, err)
		}
		asked.Spans = append(asked.Spans, one)
	}
	return asked, nil
}

func (a *deepFlowAppSpan) span() (*span.Span, error) {
	s := &span.Span{Source: span.APP, Point: span.PointApp, Kind: span.Kind(a.Kind)}
	id, err := span.ParseAnyID(a.TraceID)
	if err != nil {
		return nil, badRequest("trace_id: %v", err)
	}
	s.TraceID = id.Trace
	if s.SpanID, err = span.ParseSpanID(a.SpanID); err != nil || s.SpanID.IsZero() {
		return nil, badRequest("span_id %.40q: want 16 hex digits, not all zero", a.SpanID)
	}
	if s.ParentSpanID, err = span.ParseSpanID(a.ParentSpanID); err != nil {
		return nil, badRequest("parent_span_id %.40q: want 16 hex digits, or none", a.ParentSpanID)
	}
	switch {
	case a.Kind < 0 || a.Kind > int(span.KindConsumer):
		return nil, badRequest("span_kind %d: want 0 (unspecified) to 5 (consumer)", a.Kind)
	case a.Start <= 0 || a.Start > math.MaxInt64/2000:
		return nil, badRequest("start_time_us %d is no Unix time in microseconds", a.Start)
	case a.End < a.Start || a.End > math.MaxInt64/2000:
		return nil, badRequest("end_time_us %d: want a Unix time in microseconds, not before start_time_us", a.End)
	}
	s.Start, s.Duration = a.Start*1000, uint64(a.End-a.Start)*1000
	s.ID = span.NewID(s.Start, span.AppEntropy(s.TraceID, s.SpanID, s.Kind))
	return s, nil
}

// deepFlowSpan is an element of the answer. What our spans have no number for is left out.
type deepFlowSpan struct {
	Start         int64    `json:"start_time_us"`
	End           int64    `json:"end_time_us"`
	Duration      int64    `json:"duration"`
	Name          string   `json:"name"`
	SignalSource  int      `json:"signal_source"`
	TapSide       string   `json:"tap_side"`
	TraceID       string   `json:"trace_id"`
	SpanID        string   `json:"span_id"`
	ParentSpanID  string   `json:"parent_span_id"`
	OwnID         string   `json:"deepflow_span_id"`
	Parent        string   `json:"deepflow_parent_span_id"`
	IDs           []string `json:"_ids"`
	FlowID        string   `json:"flow_id"`
	RequestSeq    uint32   `json:"req_tcp_seq"`
	ResponseSeq   uint32   `json:"resp_tcp_seq"`
	Protocol      int      `json:"l7_protocol"`
	ProtocolName  string   `json:"l7_protocol_str"`
	RequestType   string   `json:"request_type"`
	Resource      string   `json:"request_resource"`
	Status        int      `json:"response_status"`
	Code          int32    `json:"response_code,omitempty"`
	RequestID     string   `json:"request_id"`
	Endpoint      string   `json:"endpoint"`
	ProcessID     uint32   `json:"process_id"`
	ProcessName   string   `json:"process_kname,omitempty"`
	AppService    string   `json:"app_service"`
	AppInstance   string   `json:"app_instance"`
	AutoService   string   `json:"auto_service,omitempty"`
	AutoInstance  string   `json:"auto_instance,omitempty"`
	XRequestID    string   `json:"x_request_id"`
	SyscallReq    string   `json:"syscall_trace_id_request"`
	SyscallResp   string   `json:"syscall_trace_id_response"`
	CaptureSeq0   uint64   `json:"syscall_cap_seq_0"`
	CaptureSeq1   uint64   `json:"syscall_cap_seq_1"`
	Agent         int      `json:"vtap_id"`
	Interface     string   `json:"tap_port_name,omitempty"`
	SelfTime      int64    `json:"selftime"`
	SetParentInfo string   `json:"set_parent_info,omitempty"`
}

// deepFlowTracing are the spans in the order of the tree: a parent comes before its children.
func deepFlowTracing(done *completion.Completed) []deepFlowSpan {
	t := done.Tree
	ids, self, agents := otlptrace.SpanIDs(t), trace.Self(t), agentNumbers(t)
	out := make([]deepFlowSpan, 0, len(t.Spans))
	for i, s := range t.Spans {
		place := otlptrace.PlaceOf(s, done.Entities)
		d := deepFlowSpan{
			Start: s.Start / 1000, End: s.End() / 1000, Duration: int64(s.Duration / 1000), Name: otlptrace.Name(s),
			SignalSource: signalSource[s.Source], TapSide: tapSide(s), TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), ParentSpanID: s.ParentSpanID.String(),
			OwnID: ids[i].String(), IDs: []string{strconv.FormatUint(s.ID, 10)}, FlowID: strconv.FormatUint(s.Flow, 10),
			RequestSeq: s.RequestSeq, ResponseSeq: s.ResponseSeq, Protocol: l7Protocol[s.Protocol], ProtocolName: s.Protocol,
			RequestType: s.Type, Resource: s.Resource, Status: responseStatus[s.Status], Code: s.Code, RequestID: s.RequestID, Endpoint: s.Endpoint,
			ProcessName: s.Comm, AutoService: place.Service, AutoInstance: place.Pod, XRequestID: s.XRequestID,
			SyscallReq: strconv.FormatUint(s.SyscallReq, 10), SyscallResp: strconv.FormatUint(s.SyscallResp, 10), CaptureSeq0: s.CaptureSeq,
			Agent: agents[s.Agent], Interface: s.Interface, SelfTime: self[i] / 1000, SetParentInfo: t.Reason[i],
		}
		if s.Source == span.APP {
			d.AppService, d.AppInstance = s.Service, place.Pod
		} else {
			d.ProcessID = s.PID
		}
		if parent := t.Parent[i]; parent >= 0 {
			d.Parent = ids[parent].String()
		}
		out = append(out, d)
	}
	return out
}

// signalSource are DeepFlow's numbers of sources.
var signalSource = map[span.Source]int{span.NET: 0, span.SYS: 3, span.APP: 4}

// tapSide is DeepFlow's name of an observation point.
func tapSide(s *span.Span) string {
	switch {
	case s.Point == span.PointGateway:
		return "c-gw"
	case s.Source != span.APP:
		return s.Point.String()
	case s.Kind == span.KindClient, s.Kind == span.KindProducer:
		return "c-app"
	case s.Kind == span.KindServer, s.Kind == span.KindConsumer:
		return "s-app"
	}
	return "app"
}

// l7Protocol are DeepFlow's numbers of protocols; others are 0, unknown.
var l7Protocol = map[string]int{
	"HTTP": 20, "HTTP2": 21, "Dubbo": 40, "gRPC": 41, "FastCGI": 44, "bRPC": 45, "MySQL": 60, "PostgreSQL": 61, "Oracle": 62,
	"Redis": 80, "MongoDB": 81, "Memcached": 82, "Kafka": 100, "MQTT": 101, "AMQP": 102, "NATS": 104, "Pulsar": 105, "RocketMQ": 107, "DNS": 120, "TLS": 121,
}

// responseStatus are DeepFlow's numbers of outcomes: 0 ok, 2 timeout, 3 server error, 4 client
// error, 5 unknown.
var responseStatus = map[span.Status]int{
	span.StatusUnknown: 5, span.StatusOK: 0, span.StatusClientError: 4, span.StatusServerError: 3, span.StatusTimeout: 2,
	span.StatusReset: 3, span.StatusClosed: 3, span.StatusUnanswered: 2, span.StatusOpen: 5,
}

// writeOptStatus is an error in DeepFlow's form, with its HTTP status.
func writeOptStatus(w http.ResponseWriter, r *http.Request, err error) {
	status, message := statusOf(r, err)
	word := "SERVER_ERROR"
	switch {
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case status < 500:
		word = "INVALID_POST_DATA"
	}
	writeJSON(w, status, map[string]any{"OPT_STATUS": word, "DESCRIPTION": message})
}
