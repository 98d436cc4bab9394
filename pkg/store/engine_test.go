package store

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The tests run against the real engine: throughline-store is built and started once, and
// every test has a database of its own in it.

const installHint = "run `npm install` in the repository (it brings @chdb/lib-linux-x64-gnu 26.7.3-stable.1), or set THROUGHLINE_LIBCHDB to libchdb.so"

var (
	engine  = sync.OnceValues(startEngine)
	stop    = func() {}
	counter atomic.Uint32
)

func TestMain(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// startEngine returns the socket of the engine.
func startEngine() (socket string, err error) {
	dir, err := os.MkdirTemp("", "store-test")
	if err != nil {
		return "", err
	}
	stop = func() { os.RemoveAll(dir) }
	binary := filepath.Join(dir, "throughline-store")
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", binary, "./cmd/throughline-store")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build throughline-store: %w\n%s", err, out)
	}
	socket = filepath.Join(dir, "s")
	run := exec.Command(binary, "--data-dir", filepath.Join(dir, "data"), "--socket", socket, "--exit-with-stdin")
	run.Dir = root // where node_modules is
	run.Env = append(os.Environ(), "THROUGHLINE_STORE_SECRET=owner", "THROUGHLINE_STORE_READ_SECRET=reader")
	var stderr strings.Builder
	run.Stderr = &stderr
	in, err := run.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := run.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := run.Start(); err != nil {
		return "", err
	}
	stop = func() {
		in.Close()
		run.Wait()
		os.RemoveAll(dir)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if !strings.HasPrefix(line, "ready ") {
		return "", fmt.Errorf("throughline-store did not start: %s\n%s", stderr.String(), installHint)
	}
	return socket, nil
}

// open gives a store in an empty database.
func open(tb testing.TB) *Store {
	tb.Helper()
	s := openAs(tb, "owner", fmt.Sprintf("test_%d", counter.Add(1)))
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

func openAs(tb testing.TB, secret, database string) *Store {
	tb.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		tb.Skip("the embedded engine is for linux/amd64")
	}
	socket, err := engine()
	if err != nil {
		tb.Fatal(err)
	}
	s, err := Open(tb.Context(), Config{
		DSN: "http://throughline-store", Database: database, Token: secret,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}
