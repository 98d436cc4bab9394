package sys

import (
	"maps"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

func isGRPC(p span.Point) func(*span.Span) bool {
	return func(s *span.Span) bool { return s.Point == p && s.Protocol == "gRPC" }
}

// ends is how the spans of a method ended, by what the client's library calls it.
func (s *seen) ends(p span.Point, method string) map[string]int {
	names := map[int32]string{0: "OK", 4: "DeadlineExceeded", 5: "NotFound", 13: "Internal", 1: "DeadlineExceeded"}
	ended := map[string]int{}
	for _, sp := range s.matching(isGRPC(p)) {
		if sp.Resource == "/shop.Items/"+method {
			ended[names[sp.Code]]++
		}
	}
	return ended
}

// Calls of grpc-go at both ends, sixteen at once on one connection: as many as the client counts, with its codes.
func TestGRPC(t *testing.T) {
	t.Parallel()
	eachVariant(t, func(t *testing.T, v Variant) {
		b := newBed(t)
		s := b.capture(v)
		server := b.start("grpc-server")
		var address string
		server.read(&address)
		client := b.start("grpc-client", addressVariable+"="+address)
		jobs := []grpcJob{
			{Method: "Get", Requests: 200, Concurrency: 16, Traceparent: true},
			{Method: "Get", Requests: 50, Concurrency: 1},
			{Method: "Big", Requests: 50, Concurrency: 1},
			{Method: "Missing", Requests: 50, Concurrency: 4},
			{Method: "Broken", Requests: 50, Concurrency: 16},
			{Method: "Chat", Requests: 20, Concurrency: 4, Messages: 3},
			{Method: "Wait", Requests: 5, Concurrency: 5, Timeout: 50 * time.Millisecond},
		}
		want := map[string]map[string]int{}
		n := 0
		for _, j := range jobs {
			client.tell(j)
			var ended map[string]int
			client.read(&ended)
			if want[j.Method] == nil {
				want[j.Method] = map[string]int{}
			}
			for code, count := range ended {
				want[j.Method][code] += count
			}
			n += j.Requests
		}
		s.wait(n, isGRPC(span.PointClientProcess))
		s.wait(n, isGRPC(span.PointServerProcess))
		s.capture.Close()
		byPair := map[[2]uint32]span.Span{}
		for _, c := range s.matching(isGRPC(span.PointClientProcess)) {
			byPair[[2]uint32{c.RequestSeq, c.ResponseSeq}] = c
		}
		for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
			for method := range maps.Keys(want) {
				if diff := cmp.Diff(want[method], s.ends(p, method)); diff != "" {
					t.Errorf("%v %s (-the client's count +ours):\n%s\nledger:\n%s", p, method, diff, s.lines())
				}
			}
		}
		traces := map[span.TraceID]int{}
		for _, sp := range s.matching(isGRPC(span.PointServerProcess)) {
			// Who waits longest for a call that takes too long gives it up first, which is by chance.
			c, ok := byPair[[2]uint32{sp.RequestSeq, sp.ResponseSeq}]
			if sp.Type != "Wait" && (!ok || c.Resource != sp.Resource || c.TraceID != sp.TraceID || c.Code != sp.Code || c.Status != sp.Status) {
				t.Errorf("the ends of a call differ:\nc-p %+v\ns-p %+v", c, sp)
			}
			if !sp.TraceID.IsZero() {
				traces[sp.TraceID]++
			}
			if sp.Endpoint != sp.Resource || sp.Domain != address || sp.Version != "2" {
				t.Errorf("%+v", sp)
			}
			switch sp.Type {
			case "Missing":
				if sp.StatusMessage != "no item “42”" || sp.Status != span.StatusClientError {
					t.Errorf("%+v", sp)
				}
			case "Broken":
				if sp.StatusMessage != "disk" || sp.Status != span.StatusServerError {
					t.Errorf("%+v", sp)
				}
			case "Chat":
				if got := attribute(sp, "rpc.requests_per_rpc") + " " + attribute(sp, "rpc.responses_per_rpc"); got != "3 4" {
					t.Errorf("messages %s, want 3 and 4", got)
				}
				if ns, err := strconv.ParseUint(attribute(sp, "throughline.time_to_first_message"), 10, 64); err != nil || ns < sp.ResponseStart || ns > sp.Duration {
					t.Errorf("the first message after %d ns, %v: %+v", ns, err, sp)
				}
			}
		}
		if len(traces) != 200 {
			t.Errorf("%d contexts, want 200", len(traces))
		}
	})
}

func attribute(s span.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value
		}
	}
	return ""
}

const pythonGRPC = `
import sys, json, grpc, collections, concurrent.futures
chan = grpc.insecure_channel(sys.argv[1])
ended = collections.Counter()
def one(method, n):
    call = chan.unary_unary("/shop.Items/" + method)
    try:
        call(b"\x0a\x03abc", metadata=(("traceparent", "00-%032x-%016x-01" % (n + 1, n + 1)),), timeout=20); return "OK"
    except grpc.RpcError as e:
        return {"NOT_FOUND": "NotFound", "INTERNAL": "Internal"}.get(e.code().name, e.code().name)
out = {}
with concurrent.futures.ThreadPoolExecutor(16) as pool:
    for method, n in (("Get", 200), ("Missing", 50), ("Broken", 50)):
        out[method] = collections.Counter(pool.map(lambda n: one(method, n), range(n)))
print(json.dumps(out), flush=True)
sys.stdin.read()
`

// The same server asked by Python's client, unmodified: grpcio, which is C.
func TestGRPCOfPython(t *testing.T) {
	t.Parallel()
	packages := t.TempDir()
	if out, err := exec.Command(python3(t), "-m", "pip", "install", "-q", "--target", packages, "grpcio").CombinedOutput(); err != nil {
		t.Fatalf("cannot install grpcio: %v\n%s", err, out)
	}
	b := newBed(t)
	s := b.capture(Auto)
	server := b.start("grpc-server")
	var address string
	server.read(&address)
	cmd := exec.Command(python3(t), "-c", pythonGRPC, address)
	cmd.Env = append(cmd.Environ(), "PYTHONPATH="+packages)
	client := b.run(cmd)
	var want map[string]map[string]int
	client.read(&want)
	n := 300
	s.wait(n, isGRPC(span.PointClientProcess))
	s.wait(n, isGRPC(span.PointServerProcess))
	s.capture.Close()
	for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		for method := range maps.Keys(want) {
			if diff := cmp.Diff(want[method], s.ends(p, method)); diff != "" {
				t.Errorf("%v %s (-the client's count +ours):\n%s\nledger:\n%s", p, method, diff, s.lines())
			}
		}
		for _, sp := range s.matching(isGRPC(p)) {
			if sp.TraceID.IsZero() {
				t.Errorf("%+v", sp)
			}
		}
	}
}
