package certificate_test

import (
	"crypto/tls"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/certificate"
	"github.com/throughline-io/throughline/certificate/certificatetest"
)

var quiet = slog.New(slog.DiscardHandler)

// shake is a handshake of a client with a server, and what each says of it.
func shake(t *testing.T, server *tls.Config, client *tls.Config) (clientErr, serverErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer c.Close()
			if server == nil { // one without TLS
				_, err = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			} else {
				err = tls.Server(c, server).Handshake()
			}
		}
		done <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if client.ServerName == "" {
		client.ServerName = "127.0.0.1"
	}
	err = tls.Client(conn, client).Handshake()
	return err, <-done
}

func serverOf(t *testing.T, p certificatetest.Pair, clientCA string) *tls.Config {
	t.Helper()
	c, err := certificate.Server(p.Cert, p.Key, clientCA, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clientOf(t *testing.T, c certificate.Client) func() *tls.Config {
	t.Helper()
	c.Log = quiet
	config, err := c.Config()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// Each way in which a handshake fails is told with what may be done about it.
func TestFailedHandshakesSayWhatToDo(t *testing.T) {
	t.Parallel()
	good := certificatetest.New(t, time.Hour)
	expired := certificatetest.New(t, -time.Minute)
	for _, c := range []struct {
		name   string
		server *tls.Config
		client certificate.Client
		says   string
	}{
		{"another authority", serverOf(t, good, ""), certificate.Client{CA: certificatetest.New(t, time.Hour).CA}, "--tls-ca"},
		{"the system's authorities", serverOf(t, good, ""), certificate.Client{}, "--tls-ca"},
		{"another name", serverOf(t, good, ""), certificate.Client{CA: good.CA, Name: "elsewhere.example"}, "--tls-server-name"},
		{"expired", serverOf(t, expired, ""), certificate.Client{CA: expired.CA}, "clock"},
		{"no TLS", nil, certificate.Client{CA: good.CA}, "without TLS"},
		{"all is well", serverOf(t, good, ""), certificate.Client{CA: good.CA}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err, _ := shake(t, c.server, clientOf(t, c.client)())
			err = certificate.Explain(err)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want it to say %q", err, c.says)
			}
		})
	}
}

// A server with an authority for clients takes only those who show a certificate of it.
func TestClientsShowACertificate(t *testing.T) {
	t.Parallel()
	p, other := certificatetest.New(t, time.Hour), certificatetest.New(t, time.Hour)
	server := serverOf(t, p, p.CA)
	for _, c := range []struct {
		client certificate.Client
		taken  bool
	}{
		{certificate.Client{CA: p.CA}, false},
		{certificate.Client{CA: p.CA, Cert: other.Cert, Key: other.Key}, false},
		{certificate.Client{CA: p.CA, Cert: p.Cert, Key: p.Key}, true},
	} {
		if _, err := shake(t, server, clientOf(t, c.client)()); (err == nil) != c.taken {
			t.Errorf("%+v: %v", c.client, err)
		}
	}
}

// Files that change are read again; while one is unusable, the last good ones stay.
func TestChangedFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	p, next := certificatetest.New(t, time.Hour), certificatetest.New(t, time.Hour)
	server := serverOf(t, p, p.CA)
	client := clientOf(t, certificate.Client{CA: p.CA, Cert: p.Cert, Key: p.Key})
	works := func(when string) {
		t.Helper()
		if err, serverErr := shake(t, server, client()); err != nil || serverErr != nil {
			t.Fatalf("%s: %v, %v", when, err, serverErr)
		}
	}
	works("at first")
	later := time.Now()
	put := func(path string, data []byte) {
		t.Helper()
		later = later.Add(time.Second) // file systems may keep seconds
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) []byte {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	put(p.Cert, read(next.Cert)) // its key is the old one's still
	put(p.CA, []byte("nonsense"))
	works("half written")
	put(p.Key, read(next.Key))
	put(p.CA, read(next.CA))
	works("all new")
	if err, _ := shake(t, server, clientOf(t, certificate.Client{CA: next.CA})()); err != nil && strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("the server shows its old certificate: %v", err)
	}
	if err := os.Remove(p.Cert); err != nil {
		t.Fatal(err)
	}
	works("the file is gone")
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	p := certificatetest.New(t, time.Hour)
	for _, c := range []certificate.Client{{CA: "/nowhere"}, {CA: p.Key}, {Cert: p.Cert}, {Key: p.Key}, {Cert: p.Key, Key: p.Key}} {
		c.Log = quiet
		if _, err := c.Config(); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if _, err := certificate.Server(p.Cert, "/nowhere", "", quiet); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("no key: %v", err)
	}
	if _, err := certificate.Server(p.Cert, p.Key, "/nowhere", quiet); err == nil || !strings.Contains(err.Error(), "authority") {
		t.Errorf("no authority: %v", err)
	}
}
