package webshop

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// startPage starts the page that stands in for Grafana and returns the address of the
// dashboard, with the demo's namespace chosen.
func (c *cluster) startPage(ctx context.Context) (string, error) {
	for _, need := range []string{c.opts.Programs.Host, filepath.Join(c.opts.Programs.Root, "dist", "module.js")} {
		if _, err := os.Stat(need); err != nil {
			return "", fmt.Errorf("%s is missing: build everything with `go tool mage build`, or run with --no-page", need)
		}
	}
	var out line
	_, err := c.group.Start(process.Command{Name: "page", Stdout: &out, Argv: []string{c.opts.Programs.Host,
		"-listen", c.opts.Listen, "-root", c.opts.Programs.Root, "-url", "http://" + c.httpAddr + "/clickhouse/", "-token", c.token}})
	if err != nil {
		return "", err
	}
	err = c.wait(ctx, "the page answers", 30*time.Second, func() error {
		if out.first() == "" {
			return fmt.Errorf("it has not said its address yet")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.first(), "/") + "/d/Distributed_Tracing/distributed-tracing?var-namespace=" + namespace, nil
}

// line keeps what is written until its first line is whole.
type line struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *line) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() < 4096 {
		l.buf.Write(p)
	}
	return len(p), nil
}

func (l *line) first() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, _, whole := strings.Cut(l.buf.String(), "\n")
	if !whole {
		return ""
	}
	return strings.TrimSpace(text)
}
