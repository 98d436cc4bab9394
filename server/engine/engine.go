package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// URL is the base address for clients that dial with DialContext.
const URL = "http://throughline-store"

// Engine is a store that is kept running.
type Engine struct {
	options    Options
	socket     string
	socketDir  string // to be removed, "" where the socket lies in the data directory
	secret     string
	readSecret string

	restarts atomic.Uint64
	cancel   context.CancelFunc
	done     chan struct{}

	mu      sync.Mutex
	current *process
	failed  error // why there will be no further start
}

// Start starts the store and returns when it answers. It keeps running until Close, or
// until the process that called Start dies.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	e := &Engine{options: o, secret: rand.Text(), readSecret: rand.Text(), done: make(chan struct{})}
	e.socket = filepath.Join(o.DataDir, "store.sock")
	if len(e.socket) > socketLimit {
		dir, err := os.MkdirTemp("", "throughline-store")
		if err != nil {
			return nil, fmt.Errorf("directory for the store's socket: %w", err)
		}
		e.socketDir, e.socket = dir, filepath.Join(dir, "store.sock")
	}
	p, err := e.start(ctx)
	if err != nil {
		e.removeSocket()
		return nil, err
	}
	e.current = p
	running, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	go e.supervise(running, p)
	return e, nil
}

// Secret is the owner's password, ReadSecret that of readers.
func (e *Engine) Secret() string { return e.secret }

// ReadSecret is the password with which nothing can be changed.
func (e *Engine) ReadSecret() string { return e.readSecret }

// DialContext connects to the store whatever the address.
func (e *Engine) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", e.socket)
}

// Socket is the path of the store's unix socket.
func (e *Engine) Socket() string { return e.socket }

// Restarts is how often the store was started again after it had died.
func (e *Engine) Restarts() uint64 { return e.restarts.Load() }

// PID is the store's process id, 0 while there is none.
func (e *Engine) PID() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		return 0
	}
	return e.current.cmd.Process.Pid
}

// Done is closed when the store is not and will not be running; Err then says why.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err is the reason for which the store cannot be started again; nil after Close.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed
}

// Close stops the store and waits for it.
func (e *Engine) Close() error {
	e.cancel()
	<-e.done
	e.removeSocket()
	return e.Err()
}

func (e *Engine) removeSocket() {
	if e.socketDir != "" {
		os.RemoveAll(e.socketDir)
	}
}

// Pauses between starts: short first, as most crashes are single ones.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 3 * time.Second
	// stable is how long a store must have run for the pauses to begin anew.
	stable = 30 * time.Second
)

func (e *Engine) supervise(ctx context.Context, p *process) {
	defer close(e.done)
	pause := firstPause
	for {
		select {
		case <-ctx.Done():
			p.stop(e.options.StopTimeout)
			e.set(nil, nil)
			return
		case <-p.exited:
		}
		e.set(nil, nil)
		if p.lived() > stable {
			pause = firstPause
		}
		e.options.Logger.Error("the store died and is started again", "reason", p.reason(), "pause", pause)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, lastPause)
			next, err := e.start(ctx)
			if err == nil {
				p = next
				break
			}
			if ctx.Err() != nil {
				return
			}
			if errors.Is(err, ErrUnsupported) {
				e.set(nil, err)
				return
			}
			e.options.Logger.Error("the store did not start", "error", err, "pause", pause)
		}
		e.restarts.Add(1)
		e.set(p, nil)
	}
}

func (e *Engine) set(p *process, failed error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current, e.failed = p, failed
}
