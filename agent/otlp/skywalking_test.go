package otlp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// asIs sends and receives messages that are bytes already.
type asIs struct{ encoding.CodecV2 }

func (asIs) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (asIs) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (asIs) Name() string { return "proto" }

// skyWalkingClient is a client as SkyWalking's agents have, in plain grpc-go.
func skyWalkingClient(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(asIs{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

const (
	segments = "/skywalking.v3.TraceSegmentReportService/"
	managed  = "/skywalking.v3.ManagementService/"
)

func segment(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../skywalking/testdata/python-1.segment")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// open begins a call with many messages.
func open(t *testing.T, conn *grpc.ClientConn, method string) grpc.ClientStream {
	t.Helper()
	s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, method)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func answer(s grpc.ClientStream) error {
	var got []byte
	if err := s.RecvMsg(&got); err != nil {
		return err
	}
	if err := s.RecvMsg(&got); err != io.EOF {
		return err
	}
	return nil
}

func TestSegmentsOfAStreamAreStoredWhenItIsAnswered(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	conn := skyWalkingClient(t, r.grpcAddress(t))
	s := open(t, conn, segments+"collect")
	const n = 500
	for range n {
		if err := s.SendMsg(segment(t)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if err := answer(s); err != nil {
		t.Fatal(err)
	}
	if names := r.names(); len(names) != 2*n {
		t.Errorf("%d spans of %d segments of 2 are stored", len(names), n)
	}
	collection := append([]byte{1<<3 | 2, byte(len(segment(t))&0x7f | 0x80), byte(len(segment(t)) >> 7)}, segment(t)...)
	var got []byte
	if err := conn.Invoke(t.Context(), segments+"collectInSync", append(collection, collection...), &got); err != nil || len(got) != 0 {
		t.Errorf("%v, %x", err, got)
	}
	if names := r.names(); len(names) != 2*n+4 {
		t.Errorf("%d spans are stored", len(names))
	}
	for what, want := range map[string]uint64{"in": 2*n + 4, "out": 2*n + 4, "requests": n + 1} {
		if got := r.ledger.Counter("otlp", "APP", what).Load(); got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
}

// A stream that stays open has what came stored; one that is silent when the receiver ends, ends well.
func TestAStreamThatStaysOpen(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	ending := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := r.Server()
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.ServeHTTP(endingWriter{w, ending}, q) })
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	s := open(t, skyWalkingClient(t, l.Addr().String()), segments+"collect")
	for i := range 3 {
		if err := s.SendMsg(segment(t)); err != nil {
			t.Fatal(err)
		}
		awaitSpans(t, r, 2*(i+1))
	}
	close(ending)
	if err := answer(s); err != nil {
		t.Errorf("a stream that the receiver ends: %v", err)
	}
}

type endingWriter struct {
	http.ResponseWriter
	ending chan struct{}
}

func (w endingWriter) Ending() <-chan struct{}     { return w.ending }
func (w endingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var _ otlp.Ends = endingWriter{}

func awaitSpans(t *testing.T, r *receiver, n int) {
	t.Helper()
	stored := r.stored.L
	stored.Lock()
	defer stored.Unlock()
	for len(r.spans) < n {
		r.stored.Wait()
	}
}

func TestASegmentThatIsNotTaken(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]codes.Code{export.ErrDown: codes.Unavailable, export.ErrFull: codes.Unavailable} {
		r := newReceiver(t)
		r.fail(err)
		s := open(t, skyWalkingClient(t, r.grpcAddress(t)), segments+"collect")
		_ = s.SendMsg(segment(t)) // the answer tells
		if err := answer(s); status.Code(err) != want {
			t.Errorf("%v, want %v", err, want)
		}
		if n := r.ledger.Counter("otlp", "APP", "returned to the sender").Load(); n != 2 {
			t.Errorf("%d spans are returned to the sender", n)
		}
	}
	r := newReceiver(t)
	conn := skyWalkingClient(t, r.grpcAddress(t))
	for _, c := range []struct {
		body []byte
		want codes.Code
	}{{[]byte{0xff}, codes.InvalidArgument}, {segment(t)[:50], codes.InvalidArgument}, {make([]byte, 2*maxBody), codes.InvalidArgument}, {nil, codes.OK}} {
		s := open(t, conn, segments+"collect")
		_ = s.SendMsg(c.body) // the answer tells
		_ = s.CloseSend()
		if err := answer(s); status.Code(err) != c.want {
			t.Errorf("%d bytes: %v, want %v", len(c.body), err, c.want)
		}
	}
}

// Agents send meters, logs and more, and ask for commands. They are content, and what is not kept is counted.
func TestWhatSkyWalkingsAgentsAskBesides(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	conn := skyWalkingClient(t, r.grpcAddress(t))
	unkept := map[string]uint64{}
	for method, what := range map[string]string{
		managed + "keepAlive": "", managed + "reportInstanceProperties": "", "/ManagementService/keepAlive": "",
		"/skywalking.v3.JVMMetricReportService/collect": "meters", "/skywalking.v3.CLRMetricReportService/collect": "meters", "/skywalking.v3.MeterReportService/collectBatch": "meters",
		"/skywalking.v3.LogReportService/collect": "logs", "/skywalking.v3.ProfileTask/getProfileTaskCommands": "profiles", "/skywalking.v10.AsyncProfilerTask/getAsyncProfilerTaskCommands": "profiles",
		"/skywalking.v3.ConfigurationDiscoveryService/fetchConfigurations": "questions for its configuration", "/skywalking.v3.OfTheFuture/collect": "other reports",
	} {
		var got []byte
		if err := conn.Invoke(t.Context(), method, []byte(nil), &got); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %x", method, err, got)
		}
		if what != "" {
			unkept[what]++
		}
	}
	s := open(t, conn, "/skywalking.v3.MeterReportService/collect")
	for range 100 {
		if err := s.SendMsg(make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.CloseSend()
	if err := answer(s); err != nil {
		t.Error(err)
	}
	unkept["meters"]++
	for what, want := range unkept {
		if got := r.ledger.Counter("otlp", "APP", "requests not kept: SkyWalking's "+what).Load(); got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	var got []byte
	if err := conn.Invoke(t.Context(), "/shop.Cart/Add", []byte(nil), &got); status.Code(err) != codes.Unimplemented {
		t.Errorf("another's service: %v", err)
	}
}

func TestSkyWalkingOverHTTP(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	one, err := os.ReadFile("../skywalking/testdata/python-1.json")
	if err != nil {
		t.Fatal(err)
	}
	instance := `{"service": "front", "serviceInstance": "front-1", "properties": [{"key": "Process No.", "value": "77"}]}`
	for _, c := range []struct {
		path, body string
		want       int
		spans      int
	}{
		{"/v3/management/reportProperties", instance, http.StatusOK, 0},
		{"/v3/management/keepAlive", instance, http.StatusOK, 0},
		{"/v3/segment", string(one), http.StatusOK, 2},
		{"/v3/segments", "[" + string(one) + "," + string(one) + "]", http.StatusOK, 4},
		{"//v3/segments", "[]", http.StatusOK, 0},
		{"/v3/segments", "[[]]", http.StatusBadRequest, 0},
		{"/v3/segments", `[{"spans":[{"startTime":"late"}]}]`, http.StatusBadRequest, 0},
		{"/v3/segments", strings.Repeat("[", 1000), http.StatusBadRequest, 0},
		{"/v3/segments", `{"x":` + strings.Repeat("[", 1000), http.StatusBadRequest, 0},
		{"/v3/segments", strings.Repeat(" ", 2*maxBody), http.StatusRequestEntityTooLarge, 0},
		{"/v3/logs", "[{}]", http.StatusOK, 0},
		{"/v3/others", "[]", http.StatusNotFound, 0},
	} {
		before := len(r.names())
		response, err := http.Post(r.url+c.path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if spans := len(r.names()) - before; response.StatusCode != c.want || spans != c.spans || c.want == http.StatusOK && string(body) != "{}" {
			t.Errorf("%s %.40s: %s with %s, %d spans; want %d, %d", c.path, c.body, response.Status, body, spans, c.want, c.spans)
		}
	}
	for _, s := range r.spans {
		if s.PID != 77 || s.Service != "front" {
			t.Errorf("a span of process %d of %q", s.PID, s.Service)
		}
	}
	response, err := http.Get(r.url + "/v3/segments")
	if err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("%v, %v", response, err)
	}
}

// SkyWalking's agents show their token in a header of their own.
func TestSkyWalkingsTokenIsWanted(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	r.Receiver = otlp.New(otlp.Config{Ledger: &r.ledger, Token: "secret", Store: func(*span.Batch, export.Key) (otlp.Delivery, error) { return new(export.Delivery), nil }})
	conn := skyWalkingClient(t, r.grpcAddress(t))
	for token, want := range map[string]codes.Code{"": codes.Unauthenticated, "other": codes.Unauthenticated, "secret": codes.OK} {
		ctx := metadata.AppendToOutgoingContext(context.Background(), "authentication", token)
		var got []byte
		if err := conn.Invoke(ctx, managed+"keepAlive", []byte(nil), &got); status.Code(err) != want {
			t.Errorf("token %q: %v, want %v", token, err, want)
		}
	}
}
