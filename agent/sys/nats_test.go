package sys

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// nats starts a server with JetStream and says its address.
func (b *bed) nats() string {
	b.t.Helper()
	exe, err := exec.LookPath("nats-server")
	if err != nil {
		b.t.Fatal("no nats-server: install it")
	}
	cmd := exec.Command(exe, "-js", "-sd", b.t.TempDir(), "-a", "127.0.0.1", "-p", "4222", "-l", filepath.Join(b.t.TempDir(), "log")) // the namespace is ours
	server := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		server.cmd = nil
	})
	b.untilListens(4222)
	return "127.0.0.1:4222"
}

// A NATS server with JetStream, and nats.go, whose connections capture met in their middle: 8 ask at once by one connection, and
// another serves. As many sessions are seen at both ends as the client says that it asked, of JetStream's messages with the
// contexts that they were published with.
func TestNATS(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	client := b.start("nats-client", addressVariable+"="+b.nats())
	var n int
	client.read(&n) // both connections are open
	s := b.capture(Auto)
	client.tell(10)
	client.read(&n)
	want := map[string]int{
		"PUB shop.news ok": n, "PUB shop.price ok": n, "PUB shop.nobody server error": n, "MSG shop.price ok": n, // the server asks who serves
		"PUB orders.new ok": n, "MSG orders.new ok": n, "pull": n / 8,
	}
	traces := map[span.TraceID]int{}
	wantSessions(t, s, "NATS", want, func(sp *span.Span) string {
		if sp.Type == "PUB" && sp.Resource == "$JS.API.CONSUMER.MSG.NEXT.ORDERS.worker" {
			return "pull"
		}
		if sp.Resource == "orders.new" {
			traces[sp.TraceID]++
		}
		return fmt.Sprint(sp.Type, " ", sp.Resource, " ", sp.Status)
	})
	if len(traces) != n {
		t.Errorf("%d traces, want %d", len(traces), n)
	}
	for id, seen := range traces {
		if seen != 4 {
			t.Errorf("trace %v: %d spans, want the publisher's and the puller's at both ends", id, seen)
		}
	}
}
