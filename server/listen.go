package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/certificate"
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

// tlsConfigs are for the addresses of agents and of readers; nil where there is no certificate.
func (c *Config) tlsConfigs() (agents, readers *tls.Config, err error) {
	if c.Cert == "" {
		return nil, nil, nil
	}
	if readers, err = certificate.Server(c.Cert, c.Key, "", c.Log); err != nil {
		return nil, nil, fmt.Errorf("TLS: %w", err)
	}
	if agents, err = certificate.Server(c.Cert, c.Key, c.ClientCA, c.Log, "h2"); err != nil {
		return nil, nil, fmt.Errorf("TLS of agents: %w", err)
	}
	return agents, readers, nil
}

// secured wraps a TCP listener with TLS; a unix socket needs none.
func secured(l net.Listener, t *tls.Config) net.Listener {
	if _, unix := l.Addr().(*net.UnixAddr); unix || t == nil {
		return l
	}
	return tls.NewListener(l, t)
}
