package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/certificate"
	"github.com/throughline-io/throughline/pkg/span"
)

// receivers are the OTLP listeners of a node. All receive alike, at whatever address.
type receivers struct {
	receiver *otlp.Receiver
	tls      *tls.Config // nil: without
	peers    atomic.Pointer[peers]
	remotes  remotes
	serve    func(*listener) // begins to receive

	mu      sync.Mutex
	all     []*listener
	leaving []*listener // gave way to others, and wait for their senders to go
	moving  sync.WaitGroup
	stopped bool
}

// receiverAddress is where a receiver is to listen; "": nowhere.
type receiverAddress struct{ name, address string }

func (c *Config) receivers() []receiverAddress {
	return []receiverAddress{{"OTLP/HTTP", c.OTLPHTTP}, {"OTLP/gRPC", c.OTLPGRPC}, {"native OTLP", c.OTLPNative}}
}

// newReceivers makes the receivers; nothing listens yet.
func (a *agent) newReceivers() error {
	r := &a.receivers
	r.peers.Store(a.newPeers())
	var aliases []string
	if host, err := os.Hostname(); err == nil {
		aliases = []string{host}
	}
	r.receiver = otlp.New(otlp.Config{
		Agent: a.config.Name, Node: a.config.Node, Here: a.sources.here, Pod: a.sources.podOf, Aliases: aliases, Ledger: &a.ledger,
		Store: func(b *span.Batch, k export.Key) (otlp.Delivery, error) { return a.output.Put(b, k) }, Keyed: a.output.Keyed(), Root: a.linker.Root,
		MaxMemory: a.config.OTLPMemory, Origins: a.config.Origins, Token: a.config.OTLPToken,
	})
	if t := a.config.OTLPTLS; t.Cert != "" || t.Key != "" || t.ClientCA != "" {
		if t.Cert == "" || t.Key == "" {
			return errors.New("TLS for OTLP needs a certificate and its key: give --otlp-tls-cert and --otlp-tls-key")
		}
		var err error
		if r.tls, err = certificate.Server(t.Cert, t.Key, t.ClientCA, a.config.Log, "h2", "http/1.1"); err != nil {
			return fmt.Errorf("TLS for OTLP: %w", err)
		}
	}
	for _, at := range a.config.receivers() {
		if at.address != "" {
			r.all = append(r.all, r.newListener(at, nil))
		}
	}
	return nil
}

// listen opens what does not listen yet, in the node's network namespace, unless an earlier agent left
// it open.
func (a *agent) listen(before *inherited) (opened []*listener) {
	r := &a.receivers
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.all {
		if l.Listener != nil {
			continue
		}
		known := l.err != nil
		if l.Listener = before.take(l.address); l.Listener == nil {
			l.Listener, l.err = listen(a.config.Netns, l.address)
		}
		switch {
		case l.Listener != nil:
			l.err = nil
			opened = append(opened, l)
			a.config.Log.Info("receiving spans", "protocol", l.name, "address", l.Addr().String())
		case !known:
			a.config.Log.Error("a receiver does not listen; it is tried again", "protocol", l.name, "error", l.err)
		}
	}
	return opened
}

// listenAgain is how often a busy port is tried.
const listenAgain = 2 * time.Second

// keepListening opens, sooner or later, what was busy at the start.
func (a *agent) keepListening(ctx context.Context) {
	tick := time.NewTicker(listenAgain)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, l := range a.listen(nil) {
				a.receivers.serve(l)
				a.group.changed()
			}
		case <-ctx.Done():
			return
		}
	}
}

// listening are the receivers that listen.
func (r *receivers) listening() (list []*listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.all {
		if l.Listener != nil {
			list = append(list, l)
		}
	}
	return list
}

// failed says why some do not listen; nil: all do.
func (r *receivers) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, l := range r.all {
		if l.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", l.name, l.err))
		}
	}
	return errors.Join(errs...)
}

func (r *receivers) closeListeners() {
	for _, l := range r.listening() {
		l.Close()
	}
}

// ports are those the receivers have, or wait for.
func (r *receivers) ports() (ports []uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.all {
		if l.Listener == nil {
			if p, err := portOf(l.address); err == nil {
				ports = append(ports, p)
			}
		} else if a, ok := l.Addr().(*net.TCPAddr); ok {
			ports = append(ports, uint16(a.Port))
		}
	}
	return ports
}

// stop refuses new requests and waits for those under way.
func (r *receivers) stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopped = true
	all := slices.Concat(r.all, r.leaving)
	r.mu.Unlock()
	errs := make([]error, len(all))
	var ending sync.WaitGroup
	for i, l := range all {
		if l.Listener != nil {
			ending.Go(func() { errs[i] = l.end(ctx, drainTime) })
		}
	}
	ending.Wait()
	r.moving.Wait()
	return errors.Join(errs...)
}

// note is an http.Server's ConnState.
func (r *receivers) note(c *connections) func(net.Conn, http.ConnState) {
	return func(conn net.Conn, state http.ConnState) {
		c.note(conn, state)
		r.remotes.note(conn, state)
	}
}
