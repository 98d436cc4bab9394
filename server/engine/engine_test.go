package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/engine"
)

const installHint = "run `npm install` in the repository (it brings @chdb/lib-linux-x64-gnu 26.7.3-stable.1), or set THROUGHLINE_LIBCHDB to libchdb.so"

// binary builds throughline-store once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "throughline-store")
	build := exec.Command("go", "build", "-o", path, "./cmd/throughline-store")
	build.Dir = "../.."
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "engine-test"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

func options(t *testing.T, dir string) engine.Options {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the embedded engine is for linux/amd64")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return engine.Options{DataDir: dir, Binary: path, Library: library(), Logger: slog.New(slog.DiscardHandler)}
}

// library finds what npm installed in the repository; "" leaves it to the store.
func library() string {
	path, _ := filepath.Abs("../../node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func start(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Start(t.Context(), options(t, dir))
	if err != nil {
		t.Fatalf("%v\n%s", err, installHint)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func open(t *testing.T, e *engine.Engine) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), e.StoreConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRowsOutliveACleanStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, dir)
	id := insertTrace(t, open(t, e), 1, 10)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if e.PID() != 0 {
		t.Error("there still is a process after Close")
	}
	again := start(t, dir)
	if n := countSpans(t, open(t, again), id); n != 10 {
		t.Errorf("%d spans after a restart, want 10", n)
	}
}

func TestASecondServerOnTheSameDataIsToldWhoHasIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	o := options(t, dir)
	o.Args = []string{"--lock-wait", "100ms"}
	_, err := engine.Start(t.Context(), o)
	if !errors.Is(err, engine.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(first.PID())) {
		t.Errorf("got %v, want ErrInUse and process %d", err, first.PID())
	}
}

func TestErrorsSayHowToGoOnWithoutTheEngine(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*engine.Options){
		"no binary":     func(o *engine.Options) { o.Binary = "/nowhere/throughline-store" },
		"no library":    func(o *engine.Options) { o.Library = "/nowhere/libchdb.so" },
		"not a library": func(o *engine.Options) { o.Library = o.Binary },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, t.TempDir())
			change(&o)
			_, err := engine.Start(t.Context(), o)
			if !errors.Is(err, engine.ErrUnsupported) || !strings.Contains(err.Error(), "--store http") {
				t.Errorf("got %v, want ErrUnsupported and the way out", err)
			}
		})
	}
}

// A server that is killed cannot stop its store; the store leaves by itself.
func TestTheStoreDoesNotOutliveItsParent(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("ENGINE_TEST_PARENT"); dir != "" {
		o := options(t, dir)
		o.Binary = os.Getenv("ENGINE_TEST_BINARY")
		e, err := engine.Start(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("pid", e.PID())
		select {}
	}
	o := options(t, t.TempDir())
	parent := exec.Command(os.Args[0], "-test.run=^TestTheStoreDoesNotOutliveItsParent$")
	parent.Env = append(os.Environ(), "ENGINE_TEST_PARENT="+o.DataDir, "ENGINE_TEST_BINARY="+o.Binary)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscanf(out, "pid %d\n", &pid); err != nil {
		t.Fatalf("%v\n%s", err, installHint)
	}
	parent.Process.Kill()
	parent.Wait()
	wait(t, "the store to leave", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	// And its data can be opened at once.
	start(t, o.DataDir)
}

func TestNothingAcknowledgedIsLostWhenTheStoreIsKilled(t *testing.T) {
	t.Parallel()
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	e := start(t, t.TempDir())
	s := open(t, e)
	var acked sync.Map // trace id: spans
	var sent, failed atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				n := 1 + i%50
				trace := w<<24 | i
				b := traceBatch(trace, n)
				for ctx.Err() == nil { // as an agent does: again until it is acknowledged
					if err := s.Insert(ctx, b); err == nil {
						acked.Store(trace, n)
						sent.Add(1)
						break
					} else if !store.Retryable(err) {
						t.Errorf("an error of a killed store must be worth another try: %v", err)
						return
					}
					failed.Add(1)
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	for round := range rounds {
		before := sent.Load()
		wait(t, "inserts", func() bool { return sent.Load() > before+20 })
		if pid := e.PID(); pid != 0 {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		wait(t, "a restart", func() bool { return e.Restarts() > uint64(round) })
	}
	before := sent.Load()
	wait(t, "inserts after the last restart", func() bool { return sent.Load() > before })
	stop()
	writers.Wait()
	checked, spans := 0, 0
	acked.Range(func(trace, n any) bool {
		checked++
		spans += n.(int)
		if got := countSpans(t, s, traceID(trace.(int)).String()); got != n.(int) {
			t.Errorf("trace %d: %d spans were acknowledged, %d are read", trace, n, got)
		}
		return !t.Failed()
	})
	if got := countRequests(t, s); got < spans { // a writer may have been stopped before it knew
		t.Errorf("%d requests are counted, %d spans were acknowledged", got, spans)
	}
	if failed.Load() == 0 {
		t.Error("no insert ever failed: nothing was killed in the middle")
	}
	t.Logf("%d kills, %d batches acknowledged and checked, %d failed attempts", rounds, checked, failed.Load())
}

func traceID(n int) (t span.TraceID) {
	for i := range 4 {
		t[i] = byte(n >> (8 * i))
	}
	t[15] = 1
	return t
}

func traceBatch(trace, spans int) *span.Batch {
	b := &span.Batch{}
	at := time.Now().UnixNano()
	for i := range spans {
		b.Append(&span.Span{ID: span.NewID(at, uint64(trace)<<8|uint64(i)), Source: span.APP, Point: span.PointApp,
			TraceID: traceID(trace), SpanID: span.SpanID{1, byte(i)}, Start: at, Duration: 1, Service: "shop"})
	}
	return b
}

func insertTrace(t *testing.T, s *store.Store, trace, spans int) (id string) {
	t.Helper()
	if err := s.Insert(t.Context(), traceBatch(trace, spans)); err != nil {
		t.Fatal(err)
	}
	return traceID(trace).String()
}

func countSpans(t *testing.T, s *store.Store, id string) int {
	t.Helper()
	d, err := s.Trace(t.Context(), store.TraceQuery{ID: id})
	if err != nil {
		t.Error(err)
		return 0
	}
	return len(d.Spans)
}

// countRequests is what metrics know of.
func countRequests(t *testing.T, s *store.Store) int {
	t.Helper()
	m, err := s.Metrics(t.Context(), store.MetricsQuery{Observed: store.Everything})
	if err != nil {
		t.Error(err)
		return 0
	}
	n := 0
	for _, series := range m.Series {
		for _, p := range series.Points {
			n += int(p.Count)
		}
	}
	return n
}

// wait gives up long after anything healthy would have happened.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
