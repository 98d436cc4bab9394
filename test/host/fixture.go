package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server/engine"
	"github.com/throughline-io/throughline/server/query"
)

// The fixture's traces: enough for a request list, spread over the dashboard's time range.
const (
	fixtureTraces = 40
	fixtureRange  = 10 * time.Minute
)

// fixture is the reference trace, many times, in an embedded store of its own behind a
// read-only address as the server has it.
type fixture struct {
	url, token string
	closers    []func()
}

func startFixture(ctx context.Context, root string) (*fixture, error) {
	f := &fixture{}
	if err := f.start(ctx, root); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *fixture) close() {
	for i := len(f.closers) - 1; i >= 0; i-- {
		f.closers[i]()
	}
}

func (f *fixture) start(ctx context.Context, root string) error {
	dir, err := os.MkdirTemp("", "throughline-fixture-")
	if err != nil {
		return err
	}
	f.closers = append(f.closers, func() { _ = os.RemoveAll(dir) })
	e, err := engine.Start(ctx, engine.Options{
		DataDir: dir, Binary: filepath.Join(root, "bin/throughline-store"),
		Library: filepath.Join(root, "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"),
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return fmt.Errorf("start the embedded store (go tool mage build makes it): %w", err)
	}
	f.closers = append(f.closers, func() { _ = e.Close() })
	if err := fill(ctx, e.StoreConfig()); err != nil {
		return err
	}
	return f.serve(ctx, e)
}

// fill stores the traces.
func fill(ctx context.Context, config store.Config) error {
	s, err := store.Open(ctx, config)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	if err := s.PutEntities(ctx, tracetest.WebShopEntities()); err != nil {
		return err
	}
	shop := tracetest.NewShop(1)
	var batch span.Batch
	begin := time.Now().Add(-fixtureRange - 10*time.Second)
	for n := range fixtureTraces {
		at := begin.Add(fixtureRange * time.Duration(n) / fixtureTraces)
		spans := shop.Trace(at.UnixNano())
		for _, s := range spans {
			batch.Append(s)
		}
		batch.Edges = append(batch.Edges, edges(spans)...)
	}
	if err := s.Insert(ctx, &batch); err != nil {
		return fmt.Errorf("store the fixture: %w", err)
	}
	return nil
}

// edges join the groups of a trace. On a node the agent finds them, from what it saw
// inside the processes.
func edges(spans []*span.Span) []span.Edge {
	tree := trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
	var out []span.Edge
	for i, s := range tree.Spans {
		parent := tree.Parent[i]
		if parent < 0 {
			continue
		}
		if a, b := tree.Spans[parent].Group(), s.Group(); a != b {
			out = append(out, span.Edge{A: a, B: b, Time: s.Start, Kind: span.EdgePassage})
		}
	}
	return out
}

// serve is the server's own HTTP API over the store, its read-only ClickHouse address
// among it.
func (f *fixture) serve(ctx context.Context, e *engine.Engine) error {
	reader, err := store.Open(ctx, e.StoreConfig())
	if err != nil {
		return err
	}
	f.closers = append(f.closers, func() { _ = reader.Close() })
	target, err := url.Parse(engine.URL)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	f.token = "fixture"
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: query.New(query.Config{
		Store: reader, Token: f.token,
		ClickHouse: &query.Target{URL: target, User: "default", Key: e.ReadSecret(), Transport: &http.Transport{DialContext: e.DialContext}},
	})}
	go func() { _ = server.Serve(l) }()
	f.closers = append(f.closers, func() { _ = server.Close() })
	f.url = "http://" + l.Addr().String() + "/clickhouse/"
	return nil
}
