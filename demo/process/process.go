// Package process starts and stops the programs of the demo, and of `throughline up`. They die with who
// started them, also when that is killed, and what an earlier one left behind is found and ended.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Group is the programs of one demo.
type Group struct {
	dir   string // logs and the list of pids
	start chan func()

	mu      sync.Mutex
	all     []*Process
	closing bool
	lost    chan error
}

// Process is one running program.
type Process struct {
	Name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
	err  error

	mu       sync.Mutex
	expected bool // its end is no failure
}

// NewGroup ends what an earlier group in the same directory left running.
func NewGroup(dir string) (*Group, error) {
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o755); err != nil {
		return nil, err
	}
	g := &Group{dir: dir, start: make(chan func()), lost: make(chan error, 1)}
	if err := g.endLeftovers(); err != nil {
		return nil, err
	}
	// A child's death signal is bound to the thread that made it: one thread makes all.
	go func() {
		runtime.LockOSThread()
		for fn := range g.start {
			fn()
		}
	}()
	return g, nil
}

// Lost receives the error of the first program that ends when it should not.
func (g *Group) Lost() <-chan error { return g.lost }

// Command is what to start.
type Command struct {
	Name   string
	Argv   []string
	Env    []string   // beside the demo's own
	Stdout io.Writer  // nil: the log
	Files  []*os.File // that it has open from descriptor 3 on
}

// Start starts a program; its output goes to <dir>/log/<name>.log.
func (g *Group) Start(c Command) (*Process, error) {
	p := &Process{Name: c.Name, log: filepath.Join(g.dir, "log", c.Name+".log"), done: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(c.Argv[0], c.Argv[1:]...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = log, log, c.Files
	if c.Stdout != nil {
		p.cmd.Stdout = c.Stdout
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // Ctrl-C is the demo's to pass on, in order
	started := make(chan error)
	g.start <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	g.mu.Lock()
	g.all = append(g.all, p)
	g.mu.Unlock()
	g.writeList()
	go g.watch(p)
	return p, nil
}

func (g *Group) watch(p *Process) {
	p.err = p.cmd.Wait()
	close(p.done)
	g.mu.Lock()
	closing := g.closing
	g.mu.Unlock()
	p.mu.Lock()
	expected := p.expected
	p.mu.Unlock()
	if closing || expected {
		return
	}
	select {
	case g.lost <- fmt.Errorf("%s ended (%v); the end of its log:\n%s", p.Name, p.cmd.ProcessState, p.Tail(2000)):
	default:
	}
}

// Tail is the end of the program's log.
func (p *Process) Tail(n int64) string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, int64(len(b))-n):])
}

// Pid is the program's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Wait waits for the program's end and returns its error.
func (p *Process) Wait(ctx context.Context) error {
	p.expect()
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%s: %w; the end of its log:\n%s", p.Name, p.err, p.Tail(2000))
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Process) expect() {
	p.mu.Lock()
	p.expected = true
	p.mu.Unlock()
}

// Kill ends the program as kill -9 does and waits until it is gone.
func (p *Process) Kill() {
	p.expect()
	p.cmd.Process.Kill()
	<-p.done
}

// Stop asks the program to end, and ends it after the grace time.
func (p *Process) Stop(grace time.Duration) error {
	p.expect()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return nil
	case <-time.After(grace):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end within %v of SIGTERM", p.Name, grace)
	}
}

// Close stops all programs, the last started first.
func (g *Group) Close() error {
	g.mu.Lock()
	g.closing = true
	all := g.all
	g.mu.Unlock()
	var errs []error
	for i := len(all) - 1; i >= 0; i-- {
		errs = append(errs, all[i].Stop(30*time.Second)) // a JVM with an SDK sends what it has first
		syscall.Kill(-all[i].Pid(), syscall.SIGKILL)     // workers that it left behind
	}
	os.Remove(g.list())
	return errors.Join(errs...)
}

func (g *Group) list() string { return filepath.Join(g.dir, "pids") }

// writeList notes the programs with their start times, so that a pid that was given to
// somebody else since is never taken for ours.
func (g *Group) writeList() {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	for _, p := range g.all {
		if t, err := startTime(p.Pid()); err == nil {
			fmt.Fprintf(&b, "%d %s\n", p.Pid(), t)
		}
	}
	os.WriteFile(g.list(), []byte(b.String()), 0o644)
}

func (g *Group) endLeftovers() error {
	b, err := os.ReadFile(g.list())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(b), "\n") {
		var pid int
		var started string
		if _, err := fmt.Sscan(line, &pid, &started); err != nil {
			continue
		}
		if t, err := startTime(pid); err == nil && t == started {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return os.Remove(g.list())
}
