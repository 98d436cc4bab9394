package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// Handler answers one kind of request with a value for the JSON body.
type handler func(ctx context.Context, r *http.Request) (any, error)

// Run is the service of that name, until ctx ends. Ready is called when it listens.
func Run(ctx context.Context, name string, cfg Config, ready func()) error {
	stop, err := startTelemetry(ctx)
	if err != nil {
		return err
	}
	routes, shut, err := routesOf(ctx, name, cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer shut()
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, otelhttp.NewHandler(serve(h), pattern))
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(last)
	}()
	ready()
	err = server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, stop(last))
}

func routesOf(ctx context.Context, name string, cfg Config) (map[string]handler, func(), error) {
	nothing := func() {}
	switch name {
	case "web-shop":
		return webShop(cfg), nothing, nil
	case "svc-user":
		return user(ctx)
	case "svc-item":
		return item(cfg), nothing, nil
	case "svc-order":
		return order(ctx, cfg)
	case "svc-stock":
		return stock(), nothing, nil
	}
	return nil, nil, fmt.Errorf("unknown service: want web-shop, svc-user, svc-item, svc-order or svc-stock")
}

func serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))
		answer, err := h(r.Context(), r)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			answer = map[string]string{"error": err.Error()}
		}
		json.NewEncoder(w).Encode(answer)
	})
}
