package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// collector is OpenTelemetry's, with its exporters as they are when nothing is set. What it acknowledged to
// a sender waits in its memory.
type collector struct {
	process *process.Process
	metrics string // the address of its own
	gaveUp  int    // spans, when it has ended
}

// collectorConfig has a way for each exporter: receivers by their addresses, the agent's address, and where
// its metrics are.
const collectorConfig = `receivers:
  otlp/grpc: {protocols: {grpc: {endpoint: '%[1]s'}}}
  otlp/http: {protocols: {grpc: {endpoint: '%[2]s'}}}
exporters:
  otlp_grpc: {endpoint: '%[3]s', tls: {insecure: true}}
  otlp_http: {endpoint: 'http://%[3]s'}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %[4]s}}}}]}}
  pipelines:
    traces/grpc: {receivers: [otlp/grpc], exporters: [otlp_grpc]}
    traces/http: {receivers: [otlp/http], exporters: [otlp_http]}
`

// startCollector starts the collector and a sender for each of its exporters.
func (b *bed) startCollector(ctx context.Context, s *senders, argv []string) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	overGRPC, overHTTP := "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	config := filepath.Join(b.dir, "collector.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, collectorConfig, overGRPC, overHTTP, b.otlp, ports[2]), 0o600); err != nil {
		return err
	}
	s.collector = &collector{metrics: "127.0.0.1:" + ports[2]}
	if s.collector.process, err = b.group.Start(process.Command{Name: "collector", Argv: append(argv, "--config", "file:"+config)}); err != nil {
		return err
	}
	if err := b.await(ctx, "the collector runs", func() bool { return answers("http://" + s.collector.metrics + "/metrics") }); err != nil {
		return err
	}
	program, err := languages[0].built(ctx, b.bin)
	if err != nil {
		return err
	}
	return errors.Join(b.startSender(s, program, "collector grpc", "grpc", overGRPC), b.startSender(s, program, "collector http", "grpc", overHTTP))
}

// stop ends the collector when it has sent or given up all that it took: at its end it drops what waits to
// be sent again.
func (c *collector) stop(ctx context.Context) error {
	deadline := time.Now().Add(patience)
	for {
		counts, err := c.counts(ctx)
		if err != nil {
			return err
		}
		c.gaveUp = counts["otelcol_exporter_send_failed_spans"] + counts["otelcol_exporter_enqueue_failed_spans"]
		if counts["otelcol_exporter_sent_spans"]+c.gaveUp >= counts["otelcol_receiver_accepted_spans"] {
			return c.process.Stop(patience)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the collector does not get rid of what it took: %v", counts)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// counts are the collector's metrics that count spans, over all receivers and exporters.
func (c *collector) counts(ctx context.Context) (map[string]int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.metrics+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	_, text, err := answer(req)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		name, rest, labelled := strings.Cut(line, "{")
		_, value, _ := strings.Cut(rest, "} ")
		name = strings.TrimSuffix(name, "_total")
		if !labelled || strings.HasPrefix(line, "#") || !strings.HasSuffix(name, "_spans") {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return nil, fmt.Errorf("the collector's metrics: %q: %w", line, err)
		}
		counts[name] += int(n)
	}
	return counts, nil
}
