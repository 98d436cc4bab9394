package otlp_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	res "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/link"
	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// receiver is a Receiver with a store in memory, listening on loopback.
type receiver struct {
	*otlp.Receiver
	url    string
	ledger ledger.Ledger

	mu     sync.Mutex
	stored *sync.Cond // when there are more spans
	err    error      // of the store
	spans  []*span.Span
	roots  []link.Root
}

const maxBody = 1 << 20

func newReceiver(t *testing.T, origins ...string) *receiver {
	t.Helper()
	r := new(receiver)
	r.stored = sync.NewCond(&r.mu)
	r.Receiver = otlp.New(otlp.Config{Agent: "node0", Node: "node0", Ledger: &r.ledger, MaxBody: maxBody, Store: r.store, Root: r.root, Origins: origins})
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

func (r *receiver) store(b *span.Batch, _ export.Key) (otlp.Delivery, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil, r.err
	}
	r.spans = slices.AppendSeq(r.spans, b.Spans())
	if r.stored != nil {
		r.stored.Broadcast()
	}
	return new(export.Delivery), b.Check()
}

func (r *receiver) root(root link.Root) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roots = append(r.roots, root)
}

func (r *receiver) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *receiver) names() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		names = append(names, s.Endpoint)
	}
	return names
}

func goodSpan(name string) *trace.Span {
	return &trace.Span{TraceId: []byte("0123456789abcdef"), SpanId: []byte("span0001"), Name: name, StartTimeUnixNano: 1_790_000_000_000_000_000, EndTimeUnixNano: 1_790_000_000_000_000_009}
}

func message(spans ...*trace.Span) *coltrace.ExportTraceServiceRequest {
	return &coltrace.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{{
		Resource:   &res.Resource{Attributes: []*common.KeyValue{{Key: "service.name", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "shop"}}}}},
		ScopeSpans: []*trace.ScopeSpans{{Spans: spans}},
	}}}
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func zstandard(b []byte) []byte {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return z.EncodeAll(b, nil)
}

// TestAnswers is the table of what can be sent and what is answered.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const asProtobuf, asJSON = "application/x-protobuf", "application/json"
	good, err := proto.Marshal(message(goodSpan("GET /x")))
	if err != nil {
		t.Fatal(err)
	}
	partial, err := proto.Marshal(message(goodSpan("GET /x"), &trace.Span{Name: "without ids"}))
	if err != nil {
		t.Fatal(err)
	}
	goodJSON := []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"30313233343536373839616263646566","spanId":"7370616e30303031","name":"GET /x","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000000000009"}]}]}]}`)
	partialJSON := bytes.Replace(goodJSON, []byte(`"spans":[`), []byte(`"spans":[{"name":"without ids"},`), 1)
	large := bytes.Repeat(good, maxBody/len(good)+2) // requests one after the other are one request
	bomb := make([]byte, 100*maxBody)
	chunked := struct{ io.Reader }{bytes.NewReader(large)} // its length is not announced

	type answer struct {
		status  int
		retry   bool
		stored  int
		problem string // what the message says; "" for success
		code    codes.Code
	}
	taken := answer{status: 200, stored: 1}
	refused := func(status int, code codes.Code, problem string) answer {
		return answer{status: status, code: code, problem: problem}
	}
	for _, c := range []struct {
		name, path, contentType, encoding string
		body                              any // []byte or io.Reader
		store                             error
		want                              answer
	}{
		{name: "good", path: "/v1/traces", contentType: asProtobuf, body: good, want: taken},
		{name: "good, native path", path: "/api/v1/otel/trace", contentType: asProtobuf, body: good, want: taken},
		{name: "good, gzip", path: "/v1/traces", contentType: asProtobuf, encoding: "gzip", body: gzipped(good), want: taken},
		{name: "good, zstd", path: "/v1/traces", contentType: asProtobuf, encoding: "zstd", body: zstandard(good), want: taken},
		{name: "good, identity", path: "/v1/traces", contentType: asProtobuf, encoding: "identity", body: good, want: taken},
		{name: "good, JSON", path: "/v1/traces", contentType: asJSON, body: goodJSON, want: taken},
		{name: "good, JSON with charset", path: "/v1/traces", contentType: "application/json; charset=utf-8", body: goodJSON, want: taken},
		{name: "good, JSON, gzip", path: "/v1/traces", contentType: asJSON, encoding: "gzip", body: gzipped(goodJSON), want: taken},
		{name: "good, JSON, zstd", path: "/api/v1/otel/trace", contentType: asJSON, encoding: "zstd", body: zstandard(goodJSON), want: taken},
		{name: "nothing in it", path: "/v1/traces", contentType: asProtobuf, body: []byte{}, want: answer{status: 200}},
		{name: "good, a slash too many", path: "//v1/traces", contentType: asProtobuf, body: good, want: taken},
		{name: "partial", path: "/v1/traces", contentType: asProtobuf, body: partial, want: answer{status: 200, stored: 1, problem: "1 invalid span was left out"}},
		{name: "partial, JSON", path: "/v1/traces", contentType: asJSON, body: partialJSON, want: answer{status: 200, stored: 1, problem: "1 invalid span was left out"}},

		{name: "truncated", path: "/v1/traces", contentType: asProtobuf, body: good[:len(good)-3], want: refused(400, codes.InvalidArgument, "cut off")},
		{name: "truncated, JSON", path: "/v1/traces", contentType: asJSON, body: goodJSON[:len(goodJSON)-3], want: refused(400, codes.InvalidArgument, "at byte")},
		{name: "truncated, gzip", path: "/v1/traces", contentType: asProtobuf, encoding: "gzip", body: gzipped(good)[:40], want: refused(400, codes.InvalidArgument, "cannot be read")},
		{name: "truncated, zstd", path: "/v1/traces", contentType: asProtobuf, encoding: "zstd", body: zstandard(good)[:40], want: refused(400, codes.InvalidArgument, "cannot be read")},
		{name: "not gzip", path: "/v1/traces", contentType: asProtobuf, encoding: "gzip", body: good, want: refused(400, codes.InvalidArgument, "not gzip")},
		{name: "not zstd", path: "/v1/traces", contentType: asProtobuf, encoding: "zstd", body: good, want: refused(400, codes.InvalidArgument, "cannot be read")},
		{name: "gzip that is not announced", path: "/v1/traces", contentType: asProtobuf, body: gzipped(good), want: refused(400, codes.InvalidArgument, "malformed")},
		{name: "JSON called protobuf", path: "/v1/traces", contentType: asProtobuf, body: goodJSON, want: refused(400, codes.InvalidArgument, "protobuf")},
		{name: "protobuf called JSON", path: "/v1/traces", contentType: asJSON, body: good, want: refused(400, codes.InvalidArgument, "JSON")},

		{name: "wrong content type", path: "/v1/traces", contentType: "text/plain", body: good, want: refused(415, codes.Unimplemented, `"text/plain" is not supported`)},
		{name: "no content type", path: "/v1/traces", body: good, want: refused(415, codes.Unimplemented, "Content-Type")},
		{name: "wrong encoding", path: "/v1/traces", contentType: asProtobuf, encoding: "br", body: good, want: refused(415, codes.Unimplemented, `"br" is not supported`)},

		{name: "too large", path: "/v1/traces", contentType: asProtobuf, body: large, want: refused(413, codes.InvalidArgument, "smaller batches")},
		{name: "too large, length not announced", path: "/v1/traces", contentType: asProtobuf, body: chunked, want: refused(413, codes.InvalidArgument, "smaller batches")},
		{name: "too large when decompressed, gzip", path: "/v1/traces", contentType: asProtobuf, encoding: "gzip", body: gzipped(bomb), want: refused(413, codes.InvalidArgument, "smaller batches")},
		{name: "too large when decompressed, zstd", path: "/v1/traces", contentType: asJSON, encoding: "zstd", body: zstandard(bomb), want: refused(413, codes.InvalidArgument, "smaller batches")},

		{name: "unknown path", path: "/v2/traces", contentType: asProtobuf, body: good, want: refused(404, codes.NotFound, "/v1/traces")},
		{name: "metrics", path: "/v1/metrics", contentType: asJSON, body: []byte(`{}`), want: refused(404, codes.NotFound, "/v1/traces")},

		{name: "store down", path: "/v1/traces", contentType: asProtobuf, body: good, store: export.ErrDown, want: answer{status: 503, retry: true, code: codes.Unavailable, problem: "does not answer"}},
		{name: "store down, JSON", path: "/v1/traces", contentType: asJSON, body: goodJSON, store: export.ErrDown, want: answer{status: 503, retry: true, code: codes.Unavailable, problem: "does not answer"}},
		{name: "queue full", path: "/v1/traces", contentType: asProtobuf, body: good, store: fmt.Errorf("send: %w", export.ErrFull), want: answer{status: 503, retry: true, code: codes.Unavailable, problem: "full"}},
		{name: "shutting down", path: "/v1/traces", contentType: asProtobuf, body: good, store: export.ErrClosed, want: answer{status: 503, retry: true, code: codes.Unavailable, problem: "shutting down"}},
		{name: "refused by the server", path: "/v1/traces", contentType: asProtobuf, body: good, store: export.ErrRefused, want: refused(500, codes.Internal, "refused")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			r.fail(c.store)
			body, isReader := c.body.(io.Reader)
			if !isReader {
				body = bytes.NewReader(c.body.([]byte))
			}
			request, err := http.NewRequest(http.MethodPost, r.url+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			if c.contentType != "" {
				request.Header.Set("Content-Type", c.contentType)
			}
			if c.encoding != "" {
				request.Header.Set("Content-Encoding", c.encoding)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			got, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != c.want.status {
				t.Fatalf("status %s, want %d: %s", response.Status, c.want.status, got)
			}
			if retry := response.Header.Get("Retry-After"); (retry == "3") != c.want.retry {
				t.Errorf("Retry-After %q", retry)
			}
			if n := len(r.names()); n != c.want.stored {
				t.Errorf("%d spans stored, want %d", n, c.want.stored)
			}
			// The answer is in the request's content type; where that is unknown, in JSON.
			wantType, unmarshal := asProtobuf, proto.Unmarshal
			if c.contentType != asProtobuf {
				wantType, unmarshal = asJSON, protojson.Unmarshal
			}
			if typ := response.Header.Get("Content-Type"); typ != wantType {
				t.Errorf("Content-Type %q, want %q", typ, wantType)
			}
			if c.want.status == 200 {
				var success coltrace.ExportTraceServiceResponse
				if err := unmarshal(got, &success); err != nil {
					t.Fatalf("%v: %q", err, got)
				}
				if p := success.GetPartialSuccess(); !strings.Contains(p.GetErrorMessage(), c.want.problem) || (p.GetRejectedSpans() > 0) != (c.want.problem != "") {
					t.Errorf("partial success %v, want %q", p, c.want.problem)
				}
				return
			}
			var failure spb.Status
			if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(got, &failure); wantType == asJSON && err != nil {
				t.Fatalf("%v: %q", err, got)
			}
			if wantType == asProtobuf {
				if err := proto.Unmarshal(got, &failure); err != nil {
					t.Fatalf("%v: %q", err, got)
				}
			}
			if codes.Code(failure.Code) != c.want.code || !strings.Contains(failure.Message, c.want.problem) {
				t.Errorf("status %v, want %v with %q", &failure, c.want.code, c.want.problem)
			}
		})
	}
}

func TestOnlyPostIsAllowed(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		request, err := http.NewRequest(method, r.url+"/v1/traces", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: %s, Allow %q", method, response.Status, response.Header.Get("Allow"))
		}
	}
}

// Every request and span is in the ledger: what came in went out, was rejected, or was
// refused.
func TestTheLedgerAddsUp(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	post := func(b []byte) {
		response, err := http.Post(r.url+"/v1/traces", "application/x-protobuf", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	good, err := proto.Marshal(message(goodSpan("a"), goodSpan("b"), &trace.Span{}))
	if err != nil {
		t.Fatal(err)
	}
	post(good)
	post(good[:20])
	r.fail(export.ErrFull)
	post(good)
	for what, want := range map[string]uint64{
		"requests": 3, "in": 6, "out": 2, "rejected: invalid span": 2, "returned to the sender": 2,
		"requests refused: malformed": 1, "requests refused: come back later": 1,
	} {
		if n := r.ledger.Counter("otlp", "APP", what).Load(); n != want {
			t.Errorf("%s: %d, want %d", what, n, want)
		}
	}
}

// An SDK in a pod says nothing of the pod's address: the connection does.
func TestRootsAreToldWithTheirPeer(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	text := func(k, v string) *common.KeyValue {
		return &common.KeyValue{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}}}
	}
	server := goodSpan("GET /full-test")
	server.Kind = trace.Span_SPAN_KIND_SERVER
	server.Attributes = []*common.KeyValue{text("network.peer.address", "10.244.0.5"), text("network.peer.port", "40000")}
	child, client := proto.Clone(server).(*trace.Span), proto.Clone(server).(*trace.Span)
	child.ParentSpanId, client.Kind = []byte("span0001"), trace.Span_SPAN_KIND_CLIENT
	m := message(server, child, client)
	m.ResourceSpans[0].Resource.Attributes = append(m.ResourceSpans[0].Resource.Attributes, text("app.host.ip", "10.244.1.10"))
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(r.url+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := fmt.Sprint(r.roots); len(r.roots) != 1 || !strings.HasPrefix(got, "[{30313233343536373839616263646566 10.244.1.10 10.244.0.5:40000 1790000000000000000 ") {
		t.Errorf("roots %s", got)
	}
}
