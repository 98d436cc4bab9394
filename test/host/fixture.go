package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/server"
)

// The fixture's traces: enough for a request list, spread over the dashboard's time range.
const (
	fixtureTraces = 40
	fixtureRange  = 10 * time.Minute
)

// fixture is the reference trace, many times, in a server of its own with its embedded
// store: what agents would have sent, without agents.
type fixture struct {
	url, token string // of the server's read-only ClickHouse address
	stop       context.CancelFunc
	stopped    chan error
	dir        string
}

func startFixture(ctx context.Context, root string) (*fixture, error) {
	dir, err := os.MkdirTemp("", "throughline-fixture-")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	f := &fixture{token: "fixture", stop: stop, stopped: make(chan error, 1), dir: dir}
	if err := f.start(ctx, root); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// close stops the server and removes its data.
func (f *fixture) close() {
	f.stop()
	if err := <-f.stopped; err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "host: the fixture's server:", err)
	}
	_ = os.RemoveAll(f.dir)
}

func (f *fixture) start(ctx context.Context, root string) error {
	entities, err := entityFile(f.dir)
	if err != nil {
		f.stopped <- nil
		return err
	}
	type addresses struct{ grpc, http net.Addr }
	listening := make(chan addresses, 1)
	go func() {
		f.stopped <- server.Run(ctx, server.Config{
			DataDir: filepath.Join(f.dir, "data"), GRPC: []string{"127.0.0.1:0"}, HTTP: []string{"127.0.0.1:0"},
			StoreBinary: filepath.Join(root, "bin/throughline-store"), StoreLibrary: filepath.Join(root, "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"),
			Entities: entities, Token: f.token,
			Listening: func(grpc, http []net.Addr) { listening <- addresses{grpc[0], http[0]} },
			Log:       slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
	}()
	select {
	case at := <-listening:
		f.url = "http://" + at.http.String() + "/clickhouse/"
		return push(ctx, at.grpc.String())
	case err := <-f.stopped:
		f.stopped <- nil
		return err
	}
}

// entityFile tells the server whose the pods' addresses are.
func entityFile(dir string) (string, error) {
	type entity struct {
		IP, Pod, Service, Workload, Namespace, Node string
		WorkloadKind                                string `yaml:"workload_kind"`
	}
	var list []entity
	for _, e := range tracetest.WebShopEntities() {
		list = append(list, entity{e.IP, e.Pod, e.Service, e.Workload, e.Namespace, e.Node, e.WorkloadKind})
	}
	b, err := yaml.Marshal(map[string]any{"entities": list})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "entities.yaml")
	return path, os.WriteFile(path, b, 0o600)
}

// push sends the traces as an agent does, and returns when the server has stored them.
func push(ctx context.Context, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	shop := tracetest.NewShop(1)
	var batch span.Batch
	begin := time.Now().Add(-fixtureRange - 10*time.Second)
	for n := range fixtureTraces {
		spans := shop.Trace(begin.Add(fixtureRange * time.Duration(n) / fixtureTraces).UnixNano())
		for _, s := range spans {
			batch.Append(s)
		}
		batch.Edges = append(batch.Edges, edges(spans)...)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	client := wire.NewIngestClient(conn)
	request := &wire.PushRequest{Agent: "fixture", Boot: 1, Sequence: 1, Batch: wire.Encode(&batch)}
	answer, err := client.Push(ctx, request, grpc.WaitForReady(true))
	for status.Code(err) == codes.Unavailable && ctx.Err() == nil { // the store is starting
		time.Sleep(100 * time.Millisecond)
		answer, err = client.Push(ctx, request, grpc.WaitForReady(true))
	}
	if err != nil {
		return fmt.Errorf("push the fixture's spans: %w", err)
	}
	if answer.Accepted != uint64(batch.Len()) {
		return fmt.Errorf("the server took %d of the fixture's %d spans: %s", answer.Accepted, batch.Len(), strings.TrimSpace(answer.Message))
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
