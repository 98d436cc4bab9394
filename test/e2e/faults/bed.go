package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// options are what a fault needs of its programs.
type options struct {
	disk    int64 // bytes of a file system of its own for the server's data; 0: none
	between bool  // the agent reaches its server through a proxy
	log     bool  // the agent keeps a log of what it acknowledged
	socket  bool  // the agent's socket is opened for it, as systemd does
	quiet   bool  // nothing is sent but what the fault itself sends
}

// bed is an agent, a server and its store, each of which can be broken.
type bed struct {
	bin, dir string
	disk     *disk // nil: the machine's
	group    *process.Group
	between  *proxy   // between agent and server; nil: nothing
	state    string   // the agent's directory; "": none
	socket   *os.File // that agents are given; nil: they open their own
	full     bool     // the long form
	server   *process.Process
	agent    *process.Process
	otlp     string // the agent's, base URL
	api      string // the server's
	load     *load
	// recovered are how long it took, after each fault, until a new span was acknowledged and
	// could be read.
	recovered    []time.Duration
	acrossAgents bool // clients may send to another run of the agent what an earlier one took
}

const token = "faults"

func newBed(bin string, o options) (*bed, error) {
	dir, err := os.MkdirTemp("", "throughline-faults-")
	if err != nil {
		return nil, err
	}
	if bin, err = filepath.Abs(bin); err != nil {
		return nil, err
	}
	b := &bed{bin: bin, dir: dir}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	b.otlp, b.api = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	if o.disk > 0 {
		if b.disk, err = newDisk(dir, o.disk); err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
	}
	if o.between {
		if b.between, err = newProxy("unix", filepath.Join(dir, "s")); err != nil {
			return nil, err
		}
	}
	if o.log {
		b.state = filepath.Join(dir, "state")
	}
	if b.group, err = process.NewGroup(dir); err != nil {
		return nil, err
	}
	if o.socket {
		if err := b.openSocket(); err != nil {
			return nil, err
		}
	}
	return b, b.writeStoreScript()
}

// data is the server's data directory.
func (b *bed) data() string {
	if b.disk != nil {
		return filepath.Join(b.disk.at, "data")
	}
	return filepath.Join(b.dir, "data")
}

// away is a file; while it is there the store does not start.
func (b *bed) away() string { return filepath.Join(b.dir, "away") }

// writeStoreScript writes the program that the server takes for its store: it waits while the
// store is to be away, and becomes the store.
func (b *bed) writeStoreScript() error {
	script := fmt.Sprintf("#!/bin/sh\nwhile [ -e %q ]; do sleep 0.1; done\nexec %q \"$@\"\n", b.away(), filepath.Join(b.bin, "throughline-store"))
	return os.WriteFile(filepath.Join(b.dir, "store"), []byte(script), 0o755)
}

func (b *bed) start(ctx context.Context) error {
	if err := b.startServer(); err != nil {
		return err
	}
	if err := b.startAgent(); err != nil {
		return err
	}
	return b.await(ctx, "all runs", func() bool {
		return b.healthy(ctx) && b.storePID() != 0 && answers("http://"+b.otlp+"/")
	})
}

func (b *bed) startServer() (err error) {
	// Short ages make many inserts, so that faults hit them.
	b.server, err = b.group.Start(process.Command{Name: "server", Argv: []string{filepath.Join(b.bin, "throughline"), "server", "--data-dir", b.data(),
		"--listen-grpc", "unix://" + filepath.Join(b.dir, "s"), "--listen-http", b.api, "--token", token, "--store-binary", filepath.Join(b.dir, "store"),
		"--store-memory", "1000", "--log-age", "200ms"}})
	return err
}

func (b *bed) startAgent() (err error) {
	server := "unix://" + filepath.Join(b.dir, "s")
	if b.between != nil {
		server = b.between.address()
	}
	c := process.Command{Name: "agent", Argv: []string{filepath.Join(b.bin, "throughline"), "agent", "--node", "node0",
		"--server", server, "--sys-variant", "off", "--net", "off", "--otlp-http", b.otlp, "--otlp-grpc", "", "--otlp-native", "", "--state-dir", b.state}}
	if b.socket != nil {
		c.Files = []*os.File{b.socket}
		c.Argv = append([]string{"sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`, "sh"}, c.Argv...)
	}
	b.agent, err = b.group.Start(c)
	return err
}

// openSocket opens the socket that agents are given.
func (b *bed) openSocket() error {
	l, err := net.Listen("tcp", b.otlp)
	if err != nil {
		return err
	}
	defer l.Close()
	b.socket, err = l.(*net.TCPListener).File()
	return err
}

// storePID is the store's process, 0 while there is none.
func (b *bed) storePID() int {
	pid, err := process.Child(b.server.Pid(), "throughline-sto")
	if err != nil {
		return 0
	}
	return pid
}

func (b *bed) healthy(ctx context.Context) bool {
	status, _, err := b.get(ctx, "/healthz", nil)
	return err == nil && status == http.StatusOK
}

func (b *bed) close() error {
	var errs []error
	if b.load != nil {
		b.load.abandon()
	}
	for _, p := range []*process.Process{b.agent, b.server} {
		if p != nil {
			p.Kill() // what was to be shown is shown
		}
	}
	if b.between != nil {
		b.between.close()
	}
	if b.socket != nil {
		b.socket.Close()
	}
	errs = append(errs, b.group.Close())
	if b.disk != nil {
		errs = append(errs, b.disk.close())
	}
	return errors.Join(errs...)
}

// noteState writes beside the logs how things are, for somebody who looks why a fault was not
// survived; the server writes where its goroutines are.
func (b *bed) noteState() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var state strings.Builder
	_, status, err := b.get(ctx, "/api/v1/status", nil)
	fmt.Fprintf(&state, "status: %s %v\n", status, err)
	for _, q := range []string{"SELECT elapsed, query FROM system.processes", "SELECT metric, value FROM system.metrics WHERE value != 0",
		"SELECT table, count() FROM system.parts WHERE active GROUP BY table", "SELECT elapsed, table, num_parts FROM system.merges"} {
		rows, err := b.sql(ctx, q)
		fmt.Fprintf(&state, "%s\n%s%v\n", q, rows, err)
	}
	_ = os.WriteFile(filepath.Join(b.dir, "log", "state.txt"), []byte(state.String()), 0o600)
	if b.server != nil {
		_ = syscall.Kill(b.server.Pid(), syscall.SIGQUIT)
		_ = pause(ctx, time.Second)
	}
}

// get asks the server's API.
func (b *bed) get(ctx context.Context, path string, query url.Values) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.api+path+"?"+query.Encode(), nil)
	if err != nil {
		return 0, nil, err
	}
	return answer(req)
}

// sql asks the store, as a reader does.
func (b *bed) sql(ctx context.Context, statement string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.api+"/clickhouse/?database=throughline", strings.NewReader(statement))
	if err != nil {
		return "", err
	}
	req.Header.Set("X-ClickHouse-Key", token)
	status, body, err := answer(req)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%d %s", status, body)
	}
	return string(body), err
}

func answer(req *http.Request) (int, []byte, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

func answers(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

// patience is how long anything may take here before it counts as not coming back. Five million spans that waited in the log
// for ten minutes take two, where nothing else runs.
const patience = 6 * time.Minute

// await waits for a condition.
func (b *bed) await(ctx context.Context, what string, is func() bool) error {
	deadline := time.Now().Add(patience)
	for !is() {
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v in vain: %s", patience, what)
		}
	}
	return nil
}

// recovers waits until a span that is sent now is acknowledged and can be read, and notes how
// long ago the fault was.
func (b *bed) recovers(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, err := b.load.one(ctx)
	if err != nil {
		return fmt.Errorf("a span sent after the fault was not acknowledged: %w", err)
	}
	if err := b.await(ctx, "a trace sent after the fault can be read", func() bool {
		status, _, err := b.get(ctx, "/api/v1/traces/"+b.load.traceID(n), nil)
		return err == nil && status == http.StatusOK
	}); err != nil {
		return err
	}
	b.recovered = append(b.recovered, time.Since(since))
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// given are the ports that freePorts gave.
var given sync.Map

// freePorts are ports that nobody listens at, and that no connection gets by itself until somebody does: they are below those that
// Linux gives (ip_local_port_range, 32768 and more).
func freePorts(n int) (ports []string, err error) {
	const first, last = 20000, 32000
	for tries := 0; len(ports) < n && tries < 1000; tries++ {
		port := strconv.Itoa(first + rand.IntN(last-first))
		l, listenErr := net.Listen("tcp", "127.0.0.1:"+port)
		if err = listenErr; err != nil {
			continue
		}
		_ = l.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			ports = append(ports, port)
		}
	}
	if len(ports) < n {
		return nil, fmt.Errorf("no free ports from %d to %d: %w", first, last, err)
	}
	return ports, nil
}
