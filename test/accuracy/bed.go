package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/mariadb"
	"github.com/throughline-io/throughline/demo/process"
)

// spec is a node with the client, the program that is looked at, and what it calls. The pod in front is for
// cases with a program before that.
var spec = lab.Spec{Prefix: "tlacc-", Nodes: []string{"node"}, Pods: []lab.Pod{{Name: "client"}, {Name: "front"}, {Name: "middle"}, {Name: "backend"}, {Name: "database"}}}

const (
	backendPort = "8081"
	middlePort  = "8080"
	sidecarPort = "8082" // of a program that has a proxy in its pod
	grpcPort    = "8083" // of the backend, too
)

// bed is what all cases share: the network, backend and database, and a server.
type bed struct {
	bin, dir   string
	lock       io.Closer
	lab        *lab.Lab
	group      *process.Group
	product    *product
	traffic    string // the program of client and backend
	background time.Duration
	installed  map[string]string
	hasData    bool // the database runs
}

// up starts everything; close must be called also when it fails.
func (b *bed) up(ctx context.Context) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("the scoreboard makes network namespaces and loads eBPF programs: run it as root")
	}
	if b.lock, err = lab.Lock("scoreboard"); err != nil {
		return err
	}
	if b.bin, err = filepath.Abs(b.bin); err != nil {
		return err
	}
	b.dir = filepath.Join(os.TempDir(), "throughline-accuracy")
	if b.group, err = process.NewGroup(b.dir); err != nil { // which ends what was left running
		return err
	}
	if err := errors.Join(os.RemoveAll(b.dir), os.MkdirAll(b.path("log"), 0o755)); err != nil {
		return err
	}
	if b.lab, err = lab.Up(spec); err != nil {
		return err
	}
	if b.traffic, err = b.goProgram(ctx, "./test/accuracy/traffic"); err != nil {
		return err
	}
	if err := b.runIn(ctx, b.group, "backend", backendPort, process.Command{Name: "backend", Argv: []string{b.traffic, "answer", "-addr", ":" + backendPort, "-grpc", ":" + grpcPort}}); err != nil {
		return err
	}
	b.product, err = startProduct(ctx, b)
	return err
}

// database starts it, the first time.
func (b *bed) database(ctx context.Context) error {
	if b.hasData {
		return nil
	}
	dir := b.path("mariadb")
	if err := mariadb.Init(ctx, dir); err != nil {
		return err
	}
	b.hasData = true
	return b.runIn(ctx, b.group, "database", mariadb.Port, process.Command{Name: "database", Argv: mariadb.Argv(dir, b.addr("database"))})
}

func (b *bed) close() error {
	var errs []error
	if b.product != nil {
		errs = append(errs, b.product.close())
	}
	if b.group != nil {
		errs = append(errs, b.group.Close())
	}
	if b.lab != nil {
		errs = append(errs, b.lab.Close())
	}
	if b.lock != nil {
		b.lock.Close()
	}
	return errors.Join(errs...)
}

func (b *bed) path(name string) string { return filepath.Join(b.dir, name) }
func (b *bed) addr(pod string) string  { return spec.PodAddr(pod).String() }
func (b *bed) backend() string         { return net.JoinHostPort(b.addr("backend"), backendPort) }
func (b *bed) inPod(pod string) []string {
	return []string{filepath.Join(b.bin, "throughline"), "demo", "pod-exec", "--netns", spec.PodNetns(pod), "--"}
}

// runIn starts a program in a pod and waits until it listens; port "" is none.
func (b *bed) runIn(ctx context.Context, g *process.Group, pod, port string, c process.Command) error {
	path, err := exec.LookPath(c.Argv[0])
	if err != nil {
		return err
	}
	c.Argv = append(append(b.inPod(pod), path), c.Argv[1:]...)
	p, err := g.Start(c)
	if err != nil || port == "" {
		return err
	}
	return wait(ctx, g, fmt.Sprintf("%s listens on port %s of pod %s", c.Name, port, pod), func() error {
		return lab.In(spec.PodNetns(pod), func() error {
			conn, err := net.DialTimeout("tcp4", net.JoinHostPort(b.addr(pod), port), time.Second)
			if err != nil {
				return fmt.Errorf("%w; the end of its log:\n%s", err, strings.TrimSpace(p.Tail(1500)))
			}
			return conn.Close()
		})
	})
}

// startLimit is how long a program may take to start.
const startLimit = 90 * time.Second

// wait polls until check succeeds, and fails with its last error.
func wait(ctx context.Context, g *process.Group, what string, check func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case lost := <-g.Lost():
			return lost
		case <-ctx.Done():
			return fmt.Errorf("waited for: %s: %w", what, err)
		case <-tick.C:
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
