package agent_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// An agent is ready when all that was asked for works, and says what does not; its ledger is there for
// Prometheus, profiles only where they are asked for.
func TestTheAgentTellsOfItsHealth(t *testing.T) {
	t.Parallel()
	admin := freeAddress(t)
	r := run(t, newServer(t), func(c *agent.Config) { c.Admin = admin })
	post(t, r.stats.OTLP[0], "/v1/traces")
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/healthz":      {200, "runs"},
		"/readyz":       {200, "works"},
		"/metrics":      {200, `throughline_agent_ledger_total{source="APP",stage="otlp",what="out"} 1`},
		"/debug/pprof/": {404, ""},
	} {
		if status, body := get(t, "http://"+admin+path); status != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %.2000s", path, status, body)
		}
	}
}

func TestAnAgentWhoseReceiverCannotListenIsNotReady(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	admin := freeAddress(t)
	start(t, agent.Config{Server: newServer(t).address, OTLPHTTP: busy.Addr().String(), OTLPGRPC: "127.0.0.1:0", Admin: admin, Pprof: true})
	eventually(t, "it runs", func() bool {
		answer, err := http.Get("http://" + admin + "/healthz")
		if err == nil {
			answer.Body.Close()
		}
		return err == nil
	})
	if status, body := get(t, "http://"+admin+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "OTLP/HTTP: listen on") {
		t.Errorf("ready: %d %s", status, body)
	}
	_, metrics := get(t, "http://"+admin+"/metrics")
	for _, want := range []string{"throughline_agent_ready 0", `throughline_agent_part_up{part="OTLP/HTTP"} 0`, `throughline_agent_part_up{part="OTLP/gRPC"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics have no %s", want)
		}
	}
	if status, _ := get(t, "http://"+admin+"/debug/pprof/"); status != 200 {
		t.Errorf("profiles: %d", status)
	}
}

// An agent whose log on disk takes nothing is not ready: senders are told to come later until it is restarted.
func TestAnAgentWhoseLogFailedIsNotReady(t *testing.T) {
	t.Parallel()
	admin, dir := freeAddress(t), t.TempDir()
	r := run(t, newServer(t), func(c *agent.Config) { c.Admin, c.StateDir = admin, dir })
	if status, body := get(t, "http://"+admin+"/readyz"); status != http.StatusOK {
		t.Fatalf("before: %d %s", status, body)
	}
	if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post("http://"+r.stats.OTLP[0]+"/v1/traces", "application/json", strings.NewReader(oneSpan))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "3" {
		t.Errorf("a sender is told %s, %v", answer.Status, answer.Header)
	}
	if status, body := get(t, "http://"+admin+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "log on disk: the disk of the log failed") {
		t.Errorf("ready: %d %s", status, body)
	}
}

// start runs an agent that captures nothing until the test ends.
func start(t *testing.T, c agent.Config) {
	t.Helper()
	c.Name, c.SYS, c.Log = "node0", "off", slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(ctx, c) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
