package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/agent/otlp"
)

// collector is an agent that receives OpenTelemetry spans and looks at nothing itself: what
// runs where there is no right to load BPF programs.
type collector struct {
	url     string // of its OTLP/HTTP receiver
	stats   *http.Client
	stop    context.CancelFunc
	stopped chan error
}

// startCollector starts an agent that sends to the server's gRPC address. dir is for its
// socket.
func startCollector(ctx context.Context, server, dir string) (*collector, error) {
	socket := filepath.Join(dir, "collector")
	ctx, stop := context.WithCancel(ctx)
	c := &collector{stop: stop, stopped: make(chan error, 1)}
	c.stats = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	go func() {
		c.stopped <- agent.Run(ctx, agent.Config{
			Name: "collector", Node: "collector", Server: server, SYS: "off", OTLPHTTP: "127.0.0.1:0", Stats: "unix://" + socket,
			Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
	}()
	for {
		select {
		case err := <-c.stopped:
			stop()
			return nil, errors.Join(errors.New("the collector ended"), err)
		case <-time.After(20 * time.Millisecond):
		}
		if s, err := c.said(ctx); err == nil && s.Ready && len(s.OTLP) > 0 {
			c.url = "http://" + s.OTLP[0] + otlp.PathTraces
			return c, nil
		}
	}
}

// said is what the agent tells about itself.
func (c *collector) said(ctx context.Context) (s agent.Stats, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://collector/", http.NoBody)
	if err != nil {
		return s, err
	}
	answer, err := c.stats.Do(request)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	return s, json.NewDecoder(answer.Body).Decode(&s)
}

// close ends the agent once it has sent what it holds.
func (c *collector) close() error {
	c.stop()
	return <-c.stopped
}

// sendersAtOnce is how many SDKs export beside each other.
const sendersAtOnce = 8

// send exports requests as SDKs do and returns when their spans are stored.
func (c *collector) send(ctx context.Context, requests []*coltrace.ExportTraceServiceRequest) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sendersAtOnce)
	for _, r := range requests {
		group.Go(func() error { return c.export(ctx, r) })
	}
	return group.Wait()
}

func (c *collector) export(ctx context.Context, r *coltrace.ExportTraceServiceRequest) error {
	body, err := proto.Marshal(r)
	if err != nil {
		return err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	post.Header.Set("Content-Type", "application/x-protobuf")
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	// An answer that is not empty counts spans that were left out.
	if err != nil || answer.StatusCode != http.StatusOK || len(said) > 0 {
		return fmt.Errorf("the collector answered %s %q %w", answer.Status, said, err)
	}
	return nil
}
