package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/agent/topology/testnet"
)

// postFrom sends OTLP from inside a namespace.
func postFrom(netns, address, body string) error {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (c net.Conn, err error) {
		err = topology.Inside(netns, func() error {
			c, err = new(net.Dialer).DialContext(ctx, network, address)
			return err
		})
		return c, err
	}}}
	answer, err := client.Post("http://"+address+"/v1/traces", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func refused(s agent.Stats) (n uint64) {
	for _, l := range s.Ledger {
		if l.What == "connections refused: not from this node" {
			n += l.Count
		}
	}
	return n
}

// The node and its pods may send, and nobody else who reaches the same port, whatever the agent captures; a pod
// may as soon as it is there. Each refusal is counted, and said once.
func TestOnlyTheNodeSends(t *testing.T) {
	t.Parallel()
	net := testnet.New(t, fmt.Sprintf("tlp%d-", os.Getpid()%1000), 2)
	net.Pod("own", 1)
	net.Pod("other", 2)
	const address = "172.31.0.1:4318"
	start := func(from ...string) (*running, *lines, string) {
		var log lines
		var stats string
		r := run(t, newServer(t), func(c *agent.Config) {
			c.Netns, c.OTLPFrom, stats = net.NodePath(1), from, c.Stats
			c.OTLPHTTP, c.OTLPGRPC, c.OTLPNative = ":4318", "", ""
			c.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		return r, &log, stats
	}
	r, log, stats := start()
	net.Pod("late", 1)
	for who, may := range map[string]bool{net.NodePath(1): true, net.PodPath("own"): true, net.PodPath("late"): true, net.NodePath(2): false, net.PodPath("other"): false} {
		for range 3 {
			if err := postFrom(who, address, oneSpan); (err == nil) != may {
				t.Errorf("%s: %v; may it send: %v", who, err, may)
			}
		}
	}
	s, err := statsOf(stats)
	if err != nil {
		t.Fatal(err)
	}
	if n := refused(s); n != 6 {
		t.Errorf("%d refusals counted, want 6", n)
	}
	for _, peer := range []string{"peer=172.31.0.2", "peer=10.245.2."} {
		if n := strings.Count(log.String(), peer); n != 1 {
			t.Errorf("%q is said %d times", peer, n)
		}
	}
	r.end()

	for from, may := range map[string]bool{agent.FromAll: true, "172.31.0.2": true, "172.31.0.0/24": true, "192.0.2.0/24": false} {
		r, _, _ := start(from)
		if err := postFrom(net.NodePath(2), address, oneSpan); (err == nil) != may {
			t.Errorf("from %s: %v; may it send: %v", from, err, may)
		}
		r.end()
	}
}

func TestOTLPFromIsChecked(t *testing.T) {
	t.Parallel()
	err := agent.Run(t.Context(), agent.Config{Name: "a", Server: "unix:///s", SYS: "off", OTLPHTTP: "127.0.0.1:0", OTLPFrom: []string{"pods"}})
	if err == nil || !strings.Contains(err.Error(), `"pods": want node, all`) {
		t.Errorf("%v", err)
	}
}
