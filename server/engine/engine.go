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
	room       *room

	restarts atomic.Uint64
	cancel   context.CancelFunc
	done     chan struct{}
	ready    chan struct{}
	tried    chan error // how the first start ended

	mu      sync.Mutex
	current *process
	trouble error // why the last start failed
	failed  error // why there will be no further start
}

// Start starts the store and returns when it answers. It keeps running until Close, or
// until the process that called Start dies.
func Start(ctx context.Context, o Options) (*Engine, error) {
	e, err := Launch(o)
	if err != nil {
		return nil, err
	}
	select {
	case err = <-e.tried:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

// Launch is Start without waiting: Ready is closed when the store answers. A start that fails is
// tried again, unless no other would succeed, which Done tells.
func Launch(o Options) (*Engine, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	e := &Engine{options: o, secret: rand.Text(), readSecret: rand.Text(), room: newRoom(o.DataDir), done: make(chan struct{}), ready: make(chan struct{}), tried: make(chan error, 1)}
	e.socket = filepath.Join(o.DataDir, "store.sock")
	if len(e.socket) > socketLimit {
		dir, err := os.MkdirTemp("", "throughline-store")
		if err != nil {
			return nil, fmt.Errorf("directory for the store's socket: %w", err)
		}
		e.socketDir, e.socket = dir, filepath.Join(dir, "store.sock")
	}
	running, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	go e.supervise(running)
	go e.watchRoom(running)
	return e, nil
}

// Ready is closed when the store has answered for the first time.
func (e *Engine) Ready() <-chan struct{} { return e.ready }

// Trouble is why the last start failed, nil where it did not.
func (e *Engine) Trouble() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.trouble
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

func (e *Engine) supervise(ctx context.Context) {
	defer close(e.done)
	pause := firstPause
	for tries, started := 0, false; ; tries++ {
		p, err := e.start(ctx)
		if err == nil {
			e.set(p)
		}
		if tries == 0 {
			e.tried <- err
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrUnsupported), !started && errors.Is(err, ErrInUse):
			e.fail(err, err)
			return
		default:
			e.fail(err, nil)
			e.options.Logger.Error("the store did not start", "error", err, "pause", pause)
			if !wait(ctx, &pause) {
				return
			}
			continue
		}
		if started {
			e.restarts.Add(1)
		} else {
			started = true
			close(e.ready)
		}
		select {
		case <-ctx.Done():
			p.stop(e.options.StopTimeout)
			e.set(nil)
			return
		case <-p.exited:
		}
		e.set(nil)
		if p.lived() > stable {
			pause = firstPause
		}
		e.options.Logger.Error("the store died and is started again", "reason", p.reason(), "pause", pause)
		if !wait(ctx, &pause) {
			return
		}
	}
}

// wait pauses, longer each time; false: ctx has ended.
func wait(ctx context.Context, pause *time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(*pause):
	}
	*pause = min(2**pause, lastPause)
	return true
}

// set notes the process that runs, nil for none.
func (e *Engine) set(p *process) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current = p; p != nil {
		e.trouble = nil
	}
}

// fail notes why a start failed, and why there will be no other.
func (e *Engine) fail(trouble, failed error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trouble, e.failed = trouble, failed
}
