package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener is where one receiver listens, or why it does not.
type listener struct {
	name, address string
	net.Listener  // nil: it does not listen
	err           error

	server      *http.Server
	connections connections
	serving     sync.WaitGroup
	ending      sync.Once
	ended       error

	// Of one that gave way to another; the receivers' lock guards them.
	stays   chan struct{} // closed when it is wanted after all
	gone    chan struct{} // closed when its address is free
	closing bool          // it takes no new senders any more
}

// newListener makes what receives at an address; l is nil where it does not listen yet.
func (r *receivers) newListener(at receiverAddress, open net.Listener) *listener {
	l := &listener{name: at.name, address: at.address, Listener: open, server: r.receiver.Server()}
	l.connections.ending = make(chan struct{})
	l.server.Handler, l.server.ConnState = l.connections.ends(r.receiver), r.note(&l.connections)
	if r.tls != nil {
		l.server.TLSConfig = r.tls.Clone() // the server changes it
	}
	return l
}

// receive receives at a listener until its end, under a name.
func (r *receivers) receive(l *listener, name string) error {
	serve := l.server.Serve
	if r.tls != nil {
		serve = func(at net.Listener) error { return l.server.ServeTLS(at, "", "") }
	}
	if err := serve(guarded{l.Listener, name, r}); !errors.Is(err, http.ErrServerClosed) && !l.connections.draining.Load() {
		return fmt.Errorf("%s receiver: %w", name, err)
	}
	return nil
}

// end accepts no more, has each answer end its connection, and waits until those who send all the while
// have gone, but not for longer than patience. Who connects to a socket that another process has, too,
// waits for that.
func (l *listener) end(ctx context.Context, patience time.Duration) error {
	l.ending.Do(func() {
		l.connections.draining.Store(true)
		close(l.connections.ending)
		l.Close()
		l.serving.Wait() // what was accepted is noted then: Shutdown would drop its request
		l.connections.drain(ctx, patience)
		if err := l.server.Shutdown(ctx); !errors.Is(err, net.ErrClosed) { // the listener is closed already
			l.ended = err
		}
	})
	return l.ended
}
