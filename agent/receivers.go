package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/agent/otlp"
)

// receivers are the OTLP listeners of a node.
type receivers struct {
	receiver  *otlp.Receiver
	http      *http.Server
	grpc      *grpc.Server
	listeners []listener
}

type listener struct {
	net.Listener
	grpc bool
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
		Store: a.output.Send, Root: a.linker.Root,
	})
	for _, at := range []struct {
		name, address string
		grpc          bool
	}{{"OTLP/HTTP", a.config.OTLPHTTP, false}, {"OTLP/gRPC", a.config.OTLPGRPC, true}, {"native OTLP", a.config.OTLPNative, false}} {
		if at.address == "" {
			continue
		}
		l, err := listen(a.config.Netns, at.address)
		if err != nil {
			r.closeListeners()
			return fmt.Errorf("%s receiver: %w", at.name, err)
		}
		a.config.Log.Info("receiving spans", "protocol", at.name, "address", l.Addr().String())
		r.listeners = append(r.listeners, listener{l, at.grpc})
	}
	// A sender that dawdles must not hold a connection's memory for ever; one that keeps
	// its connection may come back after a while.
	r.http = &http.Server{Handler: r.receiver, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 1 << 16}
	r.grpc = r.receiver.GRPC()
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
		go func() {
			if l.grpc {
				failed <- r.grpc.Serve(l)
				return
			}
			failed <- r.http.Serve(l)
		}()
	}
	for range r.listeners {
		if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("OTLP receiver: %w", err)
		}
	}
	return nil
}

// stop refuses new requests and waits for those under way.
func (r *receivers) stop(ctx context.Context) error {
	stopped := make(chan struct{})
	go func() {
		r.grpc.GracefulStop()
		close(stopped)
	}()
	err := r.http.Shutdown(ctx)
	select {
	case <-stopped:
	case <-ctx.Done():
		r.grpc.Stop()
	}
	return err
}
