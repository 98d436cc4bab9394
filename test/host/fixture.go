package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/server"
)

// fixture is the reference trace, many times, in a server of its own with its embedded
// store: what agents would have sent, without agents.
type fixture struct {
	url, token string            // of the server's read-only ClickHouse address
	broken     map[string]string // trace ids, by what the demo's --break would have made slow
	shop       shop
	// serve starts a further host on the same data, below a sub path.
	serve func(subPath string) (url string, err error)

	busy                sync.Mutex // starting and stopping
	root, dir, entities string
	listen              string // the server's HTTP address, the same after a restart
	grpc                string // the address that takes spans in, another one after a restart
	stop                context.CancelFunc
	stopped             chan error // nil while the server is stopped
}

// stored is what a fixture stores.
type stored struct {
	webshop bool   // the reference traces
	crowd   int    // so many more
	shapes  string // of package shapes
}

func startFixture(ctx context.Context, root string, what stored) (*fixture, error) {
	dir, err := os.MkdirTemp("", "throughline-fixture-")
	if err != nil {
		return nil, err
	}
	f := &fixture{token: "fixture", root: root, dir: dir, listen: "127.0.0.1:0", shop: shop{}}
	begin := time.Now().Add(-fixtureRange - 10*time.Second)
	err = f.startServer(ctx)
	if err == nil && what.webshop {
		f.broken, err = push(ctx, f.grpc, begin, what.crowd)
	}
	if err == nil {
		err = f.shop.open(ctx, f.grpc, f.dir, what.shapes, begin)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// close stops the server and removes its data.
func (f *fixture) close() {
	f.busy.Lock()
	defer f.busy.Unlock()
	if err := f.stopServer(); err != nil {
		fmt.Fprintln(os.Stderr, "host: the fixture's server:", err)
	}
	_ = os.RemoveAll(f.dir)
}

func (f *fixture) startServer(ctx context.Context) error {
	if f.stopped != nil {
		return errors.New("the fixture's server runs already")
	}
	if f.entities == "" {
		var err error
		if f.entities, err = entityFile(f.dir); err != nil {
			return err
		}
	}
	ctx, f.stop = context.WithCancel(ctx)
	stopped := make(chan error, 1)
	f.stopped = stopped
	type addresses struct{ grpc, http net.Addr }
	listening := make(chan addresses, 1)
	go func() {
		stopped <- server.Run(ctx, server.Config{
			DataDir: filepath.Join(f.dir, "data"), GRPC: []string{"127.0.0.1:0"}, HTTP: []string{f.listen},
			StoreBinary: filepath.Join(f.root, "bin/throughline-store"), StoreLibrary: filepath.Join(f.root, "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"),
			Entities: f.entities, Token: f.token,
			Listening: func(grpc, http []net.Addr) { listening <- addresses{grpc[0], http[0]} },
			Log:       slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
	}()
	select {
	case at := <-listening:
		f.listen = at.http.String()
		f.url = "http://" + f.listen + "/clickhouse/"
		f.grpc = at.grpc.String()
		return nil
	case err := <-stopped:
		f.stopped = nil
		return err
	}
}

// stopServer leaves the data where it is.
func (f *fixture) stopServer() error {
	if f.stopped == nil {
		return nil
	}
	f.stop()
	err := <-f.stopped
	f.stopped = nil
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
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
