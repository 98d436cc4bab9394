package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// listen opens an address, host:port or unix:///path.
func listen(what, address string) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix://")
	if !unix {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("%s address: %w", what, err)
		}
		return l, nil
	}
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("%s address %s: %w", what, address, err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("%s address (the path of a unix socket has at most 107 bytes): %w", what, err)
	}
	if err := os.Chmod(path, 0o660); err != nil { // owner and group: who may enter is a matter of the file
		l.Close()
		return nil, fmt.Errorf("%s address: %w", what, err)
	}
	return l, nil
}

// removeStale removes the socket of a server that was killed. A socket that somebody
// serves, and any other file, stays.
func removeStale(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is no socket")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
		return errors.New("another server listens there")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// tlsConfig reads the certificate; nil where there is none.
func (c *Config) tlsConfig() (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// agentTLS is base for the agents' addresses.
func (c *Config) agentTLS(base *tls.Config) (*tls.Config, error) {
	if base == nil {
		return nil, nil
	}
	t := base.Clone()
	t.NextProtos = []string{"h2"}
	if c.ClientCA != "" {
		pem, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return nil, fmt.Errorf("certificate authority of agents: %w", err)
		}
		t.ClientCAs = x509.NewCertPool()
		if !t.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificate authority of agents: no PEM certificate in %s", c.ClientCA)
		}
		t.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return t, nil
}

// secured wraps a TCP listener with TLS; a unix socket needs none.
func secured(l net.Listener, t *tls.Config) net.Listener {
	if _, unix := l.Addr().(*net.UnixAddr); unix || t == nil {
		return l
	}
	return tls.NewListener(l, t)
}
