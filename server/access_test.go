package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/certificate/certificatetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

func TestTLSAndTokenAtEveryDoor(t *testing.T) {
	t.Parallel()
	p := certificatetest.New(t, time.Hour)
	pair, err := tls.LoadX509KeyPair(p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	var agents, readers string
	r := start(t, func(c *Config) {
		c.Auth, c.Cert, c.Key, c.ClientCA = AuthAlways, p.Cert, p.Key, p.CA
		c.GRPC = append(c.GRPC, "127.0.0.1:0")
		old := c.Listening
		c.Listening = func(g, h []net.Addr) {
			old(g, h)
			agents, readers = g[1].String(), "https://"+h[0].String()
		}
	})
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)

	push := func(c credentials.TransportCredentials, target, token string) codes.Code {
		t.Helper()
		conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(c))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
		}
		_, err = wire.NewIngestClient(conn).Report(ctx, &wire.ReportRequest{Agent: "a"})
		return status.Code(err)
	}
	withCert := credentials.NewTLS(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}})
	if got := push(withCert, agents, "secret"); got != codes.OK {
		t.Errorf("certificate and token: %v", got)
	}
	if got := push(withCert, agents, "wrong"); got != codes.Unauthenticated {
		t.Errorf("certificate, wrong token: %v", got)
	}
	if got := push(credentials.NewTLS(&tls.Config{RootCAs: pool}), agents, "secret"); got != codes.Unavailable {
		t.Errorf("no certificate: %v", got)
	}
	if got := push(insecure.NewCredentials(), agents, "secret"); got != codes.Unavailable {
		t.Errorf("no TLS: %v", got)
	}
	if got := push(insecure.NewCredentials(), r.grpc, ""); got != codes.Unauthenticated {
		t.Errorf("unix socket, no token: %v, want it asked for always", got)
	}

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	for token, want := range map[string]int{"": 401, "wrong": 401, "secret": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, readers+"/api/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("API with token %q: %s, want %d", token, resp.Status, want)
		}
	}
}

func TestTokenIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := token(dir)
	if err != nil || len(first) < 20 {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := token(dir); err != nil || again != first {
		t.Errorf("%q, %v; want %q", again, err, first)
	}
	if info, err := os.Stat(filepath.Join(dir, tokenFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, tokenFile), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := token(dir); err == nil {
		t.Error("an empty token file is no error")
	}
}

func TestAddressesThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	served, err := listen("test", "unix://"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen("test", "unix://"+path); err == nil || !strings.Contains(err.Error(), "another server listens there") {
		t.Errorf("a socket that is served: %v", err)
	}
	served.(*net.UnixListener).SetUnlinkOnClose(false) // as after kill -9
	served.Close()                                     // a child that another test is starting may hold a copy until it runs its own program
	until(t, "a socket left behind is taken", func() bool {
		again, err := listen("test", "unix://"+path)
		if err != nil {
			t.Log(err)
			return false
		}
		return again.Close() == nil
	})
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen("test", "unix://"+file); err == nil {
		t.Error("a file was replaced by a socket")
	}
	for _, bad := range []string{"127.0.0.1:99999", "nonsense", "unix://" + strings.Repeat("x", 200)} {
		if _, err := listen("test", bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	t.Parallel()
	f := func(c Config, says string) {
		t.Helper()
		c.DataDir, c.GRPC, c.HTTP = t.TempDir(), []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}
		if err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want it to say %q", err, says)
		}
	}
	f(Config{Auth: "sometimes"}, "want auto, always or never")
	f(Config{Cert: "c"}, "certificate and its key")
	f(Config{ClientCA: "c"}, "with TLS")
	f(Config{Token: "two words"}, "spaces")
	f(Config{Entities: "/nowhere"}, "entity file")
	f(Config{Store: "clickhouse://host:9000"}, "HTTP interface")
	f(Config{StoreReader: "http://host:8123"}, "its own reader")
	f(Config{Store: "http://host:8123", StoreReader: "host:8123"}, "DSN of readers")
	f(Config{StoreBinary: "/nowhere/throughline-store"}, "--store http://")
}
