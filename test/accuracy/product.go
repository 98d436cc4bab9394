package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/demo/lab"
	"github.com/throughline-io/throughline/demo/process"
	"github.com/throughline-io/throughline/pkg/store"
)

// product is a server, and what it is asked.
type product struct {
	url, token string
	server     string // where agents push to
	store      *store.Store
	http       http.Client
}

func startProduct(ctx context.Context, b *bed) (*product, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	listen := l.Addr().String()
	l.Close()
	entities := "entities:\n"
	for _, p := range spec.Pods {
		entities += fmt.Sprintf("  - {type: pod, ip: %s, pod: %s, service: %s, workload: %s, workload_kind: Deployment, namespace: accuracy, node: node, cluster: accuracy}\n", b.addr(p.Name), p.Name, p.Name, p.Name)
	}
	if err := os.WriteFile(b.path("entities.yaml"), []byte(entities), 0o644); err != nil {
		return nil, err
	}
	p := &product{url: "http://" + listen, token: rand.Text(), server: "unix://" + b.path("server.sock"), http: http.Client{Timeout: time.Minute}}
	_, err = b.group.Start(process.Command{Name: "server", Argv: []string{filepath.Join(b.bin, "throughline"), "server", "--data-dir", b.path("data"),
		"--entities", b.path("entities.yaml"), "--listen-grpc", p.server, "--listen-http", listen, "--token", p.token}})
	if err != nil {
		return nil, err
	}
	if p.store, err = store.Open(ctx, store.Config{DSN: "http://default:" + p.token + "@" + listen + "/clickhouse/throughline"}); err != nil {
		return nil, err
	}
	return p, wait(ctx, b.group, "the server answers", func() error {
		_, err := p.get(ctx, "/healthz", nil)
		return err
	})
}

func (p *product) close() error { return p.store.Close() }

// get asks the server; a body is sent by POST.
func (p *product) get(ctx context.Context, path string, body io.Reader) ([]byte, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.300s", path, resp.Status, answer)
	}
	return answer, err
}

// rows asks the store for rows of a type.
func rows[T any](ctx context.Context, p *product, statement string) (out []T, err error) {
	body, err := p.get(ctx, "/clickhouse/?database=throughline&default_format=JSONEachRow&output_format_json_quote_64bit_integers=0", strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(body)) {
		var row T
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return nil, fmt.Errorf("%w in %.200s", err, line)
		}
		out = append(out, row)
	}
	return out, nil
}

// agentProcess is the agent of a case.
type agentProcess struct {
	*process.Process
	socket string
}

// startAgent starts it and waits until it sees system calls and packets.
func (s *site) startAgent(ctx context.Context) error {
	a := &agentProcess{socket: s.path("agent.sock")}
	var err error
	a.Process, err = s.group.Start(process.Command{Name: "agent", Argv: []string{filepath.Join(s.bin, "throughline"), "agent", "--name", "accuracy", "--node", "node",
		"--netns", lab.NetnsPath(spec.NodeNetns(0)), "--server", s.product.server, "--stats", "unix://" + a.socket}})
	if err != nil {
		return err
	}
	s.agent = a
	return wait(ctx, s.group, "the agent captures", func() error {
		stats, err := a.stats(ctx)
		if err == nil && !(stats.Ready && stats.NET == "on" && stats.SYS != "off") {
			err = fmt.Errorf("system calls: %s; packets: %s; failed: %v", stats.SYS, stats.NET, stats.Failed)
		}
		return err
	})
}

func (s *site) stopAgent() error {
	if s.agent == nil {
		return nil
	}
	err := s.agent.Stop(10 * time.Second)
	s.agent = nil
	return err
}

func (a *agentProcess) stats(ctx context.Context) (st agent.Stats, err error) {
	body, err := process.GetUnix(ctx, a.socket, "/")
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(body, &st)
}

// ledger is what the agent counted, by stage, source and what.
func (a *agentProcess) ledger(ctx context.Context) (map[string]uint64, error) {
	st, err := a.stats(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]uint64{}
	for _, l := range st.Ledger {
		out[strings.TrimSpace(l.Stage+" "+l.Source)+": "+l.What] += l.Count
	}
	return out, nil
}
