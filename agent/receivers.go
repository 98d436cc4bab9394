package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/throughline-io/throughline/agent/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// receivers are the OTLP listeners of a node.
type receivers struct {
	receiver  *otlp.Receiver
	server    *http.Server
	listeners []net.Listener
}

// listenOTLP opens the listeners in the node's network namespace. Nothing is served yet.
func (a *agent) listenOTLP() error {
	r := &a.receivers
	var aliases []string
	if host, err := os.Hostname(); err == nil {
		aliases = []string{host}
	}
	r.receiver = otlp.New(otlp.Config{
		Agent: a.config.Name, Node: a.config.Node, Here: a.sources.here, Aliases: aliases, Ledger: &a.ledger,
		Store: func(b *span.Batch) (otlp.Delivery, error) { return a.output.Put(b) }, Root: a.linker.Root,
		MaxMemory: a.config.OTLPMemory, Origins: a.config.Origins,
	})
	for _, at := range []struct{ name, address string }{{"OTLP/HTTP", a.config.OTLPHTTP}, {"OTLP/gRPC", a.config.OTLPGRPC}, {"native OTLP", a.config.OTLPNative}} {
		if at.address == "" {
			continue
		}
		l, err := listen(a.config.Netns, at.address)
		if err != nil {
			r.closeListeners()
			return fmt.Errorf("%s receiver: %w", at.name, err)
		}
		a.config.Log.Info("receiving spans", "protocol", at.name, "address", l.Addr().String())
		r.listeners = append(r.listeners, l)
	}
	r.server = r.receiver.Server()
	return nil
}

func (r *receivers) closeListeners() {
	for _, l := range r.listeners {
		l.Close()
	}
}

// ports are those the listeners have.
func (r *receivers) ports() (ports []uint16) {
	for _, l := range r.listeners {
		if a, ok := l.Addr().(*net.TCPAddr); ok {
			ports = append(ports, uint16(a.Port))
		}
	}
	return ports
}

// serve receives until stop; it returns the first listener's error.
func (r *receivers) serve() error {
	failed := make(chan error, len(r.listeners))
	for _, l := range r.listeners {
		go func() { failed <- r.server.Serve(l) }()
	}
	for range r.listeners {
		if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("OTLP receiver: %w", err)
		}
	}
	return nil
}

// stop refuses new requests and waits for those under way.
func (r *receivers) stop(ctx context.Context) error { return r.server.Shutdown(ctx) }
