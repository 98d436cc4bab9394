package engine_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// What the engine's allocator is told reaches it, under the name that it reads.
func TestTheAllocatorKeepsPages(t *testing.T) {
	t.Parallel()
	e := start(t, t.TempDir())
	defer e.Close()
	config := e.StoreConfig()
	client := http.Client{Transport: &http.Transport{DialContext: config.DialContext}}
	defer client.CloseIdleConnections()
	const statement = "SELECT extract(stats, 'opt.dirty_decay_ms: (\\d+)') FROM system.jemalloc_stats"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, config.DSN, strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-ClickHouse-Key", config.Token)
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if got := strings.TrimSpace(string(text)); err != nil || got != "20000" {
		t.Fatalf("jemalloc gives unused pages back after %q ms: %v", got, err)
	}
}
