package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one run of the store.
type process struct {
	cmd     *exec.Cmd
	stdin   io.Closer // the store leaves when it is closed, so also when we die
	started time.Time
	exited  chan struct{}
	ended   time.Time
	err     error // of the process; valid once exited is closed
	output  *lastLines
}

// Exit codes of throughline-store.
const (
	exitUnsupported = 3
	exitInUse       = 4
)

// start runs the store and waits until it says that it is ready.
func (e *Engine) start(ctx context.Context) (*process, error) {
	o := &e.options
	args := []string{"--data-dir", o.DataDir, "--socket", e.socket, "--exit-with-stdin", "--keep-free", strconv.FormatUint(e.room.keep, 10)}
	if o.Library != "" {
		args = append(args, "--lib", o.Library)
	}
	if o.Memory > 0 {
		args = append(args, "--memory", strconv.FormatInt(o.Memory, 10))
	}
	p := &process{cmd: exec.Command(o.Binary, append(args, o.Args...)...), exited: make(chan struct{}), output: &lastLines{logger: o.Logger}}
	p.cmd.Env = append(os.Environ(), "THROUGHLINE_STORE_SECRET="+e.secret, "THROUGHLINE_STORE_READ_SECRET="+e.readSecret)
	if os.Getenv(allocator) == "" {
		p.cmd.Env = append(p.cmd.Env, allocator+"="+pagesKept)
	}
	// A signal to the server's group, such as Ctrl-C, is not for the store: the server still
	// needs it while it stops.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the store: %w", err)
	}
	ready := make(chan string, 1)
	p.cmd.Stdout = &readyWriter{ready: ready, rest: p.output}
	p.cmd.Stderr = p.output
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		p.stdin.Close()
		return nil, explainStart(o.Binary, err)
	}
	p.started = time.Now()
	go func() {
		p.err = p.cmd.Wait()
		p.ended = time.Now()
		p.stdin.Close()
		close(p.exited)
	}()
	timeout := time.NewTimer(o.StartTimeout)
	defer timeout.Stop()
	select {
	case line := <-ready:
		o.Logger.Info("the store is ready", "version", line[strings.LastIndexByte(line, ' ')+1:], "took", time.Since(p.started).Round(time.Millisecond))
		return p, nil
	case <-p.exited:
		return nil, p.failure()
	case <-ctx.Done():
		p.stop(o.StopTimeout)
		return nil, ctx.Err()
	case <-timeout.C:
		p.stop(time.Second)
		return nil, fmt.Errorf("the store was not ready after %v: %s", o.StartTimeout, p.output)
	}
}

// failure explains an exit during the start.
func (p *process) failure() error {
	text := p.output.String()
	switch p.cmd.ProcessState.ExitCode() {
	case exitUnsupported:
		return fmt.Errorf("%w: %s", ErrUnsupported, text)
	case exitInUse:
		return fmt.Errorf("%w: %s", ErrInUse, text)
	}
	return fmt.Errorf("the store did not start (%s): %s", p.reason(), text)
}

// reason says how the process ended.
func (p *process) reason() string {
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return exit.String() // "signal: killed", "exit status 1"
	}
	if p.err != nil {
		return p.err.Error()
	}
	return "it left by itself"
}

func (p *process) lived() time.Duration { return p.ended.Sub(p.started) }

// stop asks the store to leave and kills it where it does not.
func (p *process) stop(wait time.Duration) {
	p.stdin.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	select {
	case <-p.exited:
	case <-time.After(wait):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// lastLines logs what the store writes and keeps the last of it for error messages.
type lastLines struct {
	logger *slog.Logger
	mu     sync.Mutex
	lines  []string
	rest   []byte
}

const keptLines = 12

func (l *lastLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, b...)
	for {
		n, line, _ := bufio.ScanLines(l.rest, false)
		if n == 0 {
			break
		}
		text := strings.TrimPrefix(string(line), "throughline-store: ")
		l.rest = l.rest[n:]
		if strings.TrimSpace(text) == "" {
			continue
		}
		l.logger.Warn("store: " + text)
		l.lines = append(l.lines, text)
		if len(l.lines) > keptLines {
			l.lines = l.lines[1:]
		}
	}
	if len(l.rest) > 1<<16 { // no line end in sight
		l.rest = nil
	}
	return len(b), nil
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// readyWriter waits for the line that says where the store serves.
type readyWriter struct {
	ready chan<- string
	rest  io.Writer
	line  []byte
	found bool
}

func (w *readyWriter) Write(b []byte) (int, error) {
	if w.found {
		return w.rest.Write(b)
	}
	w.line = append(w.line, b...)
	if n, line, _ := bufio.ScanLines(w.line, false); n > 0 {
		if strings.HasPrefix(string(line), "ready ") {
			w.found = true
			w.ready <- string(line)
		} else {
			w.rest.Write(line)
			w.rest.Write([]byte{'\n'})
		}
		w.line = w.line[n:]
	}
	return len(b), nil
}

// The engine's memory is jemalloc's, which gives back what was unused for some seconds. At the 5 s of the default it
// gave back between two segments what the next one took again: to give back and to take was an eighth of what
// inserts cost.
const (
	allocator = "JE_MALLOC_CONF"
	pagesKept = "dirty_decay_ms:20000"
)
