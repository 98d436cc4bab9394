package agent_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/certificate"
	"github.com/throughline-io/throughline/certificate/certificatetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

// newTLSServer is a server that is reached by TCP; nil: without TLS.
func newTLSServer(t *testing.T, c *tls.Config) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: l.Addr().String()}
	var options []grpc.ServerOption
	if c != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(c)))
	}
	g := grpc.NewServer(options...)
	wire.RegisterIngestServer(g, s)
	go g.Serve(l)
	t.Cleanup(g.Stop)
	return s
}

func serverTLS(t *testing.T, p certificatetest.Pair, clientCA string) *tls.Config {
	t.Helper()
	c, err := certificate.Server(p.Cert, p.Key, clientCA, slog.New(slog.DiscardHandler), "h2")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// messages collects what is logged.
type messages struct {
	mu   sync.Mutex
	text strings.Builder
}

func (m *messages) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.Write(b)
}

func (m *messages) has(part string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Contains(m.text.String(), part)
}

// heard reports whether the server has heard from the agent.
func (s *server) heard() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reports) > 0
}

// Agents reach their server by TLS, show a certificate where it wants one, and say what is wrong
// where they cannot.
func TestAgentsReachTheirServerByTLS(t *testing.T) {
	t.Parallel()
	p, other, expired := certificatetest.New(t, time.Hour), certificatetest.New(t, time.Hour), certificatetest.New(t, -time.Minute)
	for _, c := range []struct {
		name   string
		server *tls.Config
		agent  *certificate.Client
		says   string // "": the server hears of the agent
	}{
		{"TLS", serverTLS(t, p, ""), &certificate.Client{CA: p.CA}, ""},
		{"a certificate is shown", serverTLS(t, p, p.CA), &certificate.Client{CA: p.CA, Cert: p.Cert, Key: p.Key}, ""},
		{"another authority", serverTLS(t, p, ""), &certificate.Client{CA: other.CA}, "--tls-ca"},
		{"another name", serverTLS(t, p, ""), &certificate.Client{CA: p.CA, Name: "elsewhere.example"}, "--tls-server-name"},
		{"expired", serverTLS(t, expired, ""), &certificate.Client{CA: expired.CA}, "renew it"},
		{"no certificate is shown", serverTLS(t, p, p.CA), &certificate.Client{CA: p.CA}, "--tls-cert"},
		{"the server has no TLS", nil, &certificate.Client{CA: p.CA}, "the server speaks without TLS"},
		{"the agent has no TLS", serverTLS(t, p, ""), nil, "give --tls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, log := newTLSServer(t, c.server), new(messages)
			r := run(t, s, func(a *agent.Config) { a.TLS, a.Log = c.agent, slog.New(slog.NewTextHandler(log, nil)) })
			defer r.end()
			if c.says == "" {
				eventually(t, "the server hears of the agent", s.heard)
				return
			}
			eventually(t, "the agent says "+c.says, func() bool { return log.has(c.says) })
			if s.heard() {
				t.Error("the server hears of it all the same")
			}
		})
	}
}

// A server's certificate and its authority are replaced: the next connection is made with the new
// ones, and no program was restarted.
func TestCertificatesAreReplacedWhileAgentsRun(t *testing.T) {
	t.Parallel()
	p, next := certificatetest.New(t, time.Hour), certificatetest.New(t, time.Hour)
	s := newTLSServer(t, serverTLS(t, p, p.CA))
	r := run(t, s, func(a *agent.Config) { a.TLS = &certificate.Client{CA: p.CA, Cert: p.Cert, Key: p.Key} })
	defer r.end()
	eventually(t, "the server hears of the agent", s.heard)
	later := time.Now().Add(time.Second)
	for to, from := range map[string]string{p.Cert: next.Cert, p.Key: next.Key, p.CA: next.CA} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(to, later, later); err != nil {
			t.Fatal(err)
		}
	}
	second := run(t, s, func(a *agent.Config) {
		a.Name, a.TLS = "second", &certificate.Client{CA: next.CA, Cert: next.Cert, Key: next.Key}
	})
	defer second.end()
	eventually(t, "an agent that knows the new authority alone is heard", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, r := range s.reports {
			if r.GetAgent() == "second" {
				return true
			}
		}
		return false
	})
}

func TestTLSThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		server string
		tls    certificate.Client
		says   string
	}{
		{"unix:///run/s", certificate.Client{}, "without TLS"},
		{"127.0.0.1:1", certificate.Client{CA: "/nowhere"}, "/nowhere"},
		{"127.0.0.1:1", certificate.Client{Cert: "/nowhere"}, "needs its key"},
	} {
		err := agent.Run(context.Background(), agent.Config{Name: "a", Server: c.server, SYS: "off", TLS: &c.tls, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want it to say %q", c, err, c.says)
		}
	}
}
