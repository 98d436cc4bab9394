package server

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/trace"
)

// A store that takes long to start, for its database is large, keeps nobody waiting: the health
// check says so, spans are acknowledged, and they are there when it has started.
func TestSpansAreAcknowledgedWhileTheStoreStarts(t *testing.T) {
	t.Parallel()
	needEngine(t)
	dir := shortDir(t)
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	held, script := filepath.Join(dir, "held"), filepath.Join(dir, "store")
	program := fmt.Sprintf("#!/bin/sh\nwhile [ -e %q ]; do sleep 0.05; done\nexec %q \"$@\"\n", held, binary)
	for path, data := range map[string]string{held: "", script: program} {
		if err := os.WriteFile(path, []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r, err := begin(dir, func(c *Config) { c.StoreBinary = script })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	if status, body, err := r.get("/healthz", nil); err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(body), "starting") {
		t.Errorf("health: %d %s %v", status, body, err)
	}
	spans := webshop()
	r.push(t, spans)
	if status, body, err := r.get("/api/v1/traces/"+traceIDOf(spans), nil); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("a question: %d %s %v", status, body, err)
	}
	if err := os.Remove(held); err != nil {
		t.Fatal(err)
	}
	until(t, "the server is well", func() bool { status, _, err := r.get("/healthz", nil); return err == nil && status == http.StatusOK })
	var p trace.Printed
	r.ask(t, "/api/v1/traces/"+traceIDOf(spans), nil, &p)
	if p.Counts.Total != len(spans) {
		t.Errorf("%d spans are there, want %d", p.Counts.Total, len(spans))
	}
}
