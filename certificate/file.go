package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// reloaded is what was made of files, and is made again when one of them has changed. While they
// cannot be used, such as when only one of a certificate and its key is new, the last good one
// stays in force.
type reloaded[T any] struct {
	paths []string
	read  func() (T, error)
	log   *slog.Logger

	mu    sync.Mutex
	value T
	times []time.Time // of the files when they were read, as they were
}

func reload[T any](log *slog.Logger, read func() (T, error), paths ...string) (*reloaded[T], error) {
	r := &reloaded[T]{paths: paths, read: read, log: log}
	r.times = r.changed()
	var err error
	r.value, err = read()
	return r, err
}

// get is what the files have now. They are looked at, not read, each time: once a handshake.
func (r *reloaded[T]) get() T {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.changed()
	same := true
	for i, t := range now {
		same = same && t.Equal(r.times[i])
	}
	if same {
		return r.value
	}
	r.times = now
	value, err := r.read()
	if err != nil {
		r.log.Error("a changed certificate is not taken, the last good one stays in force", "error", err)
		return r.value
	}
	r.value = value
	r.log.Info("certificate read again", "files", r.paths)
	return r.value
}

// changed are the times of the files; the zero time of one that is not there.
func (r *reloaded[T]) changed() []time.Time {
	times := make([]time.Time, len(r.paths))
	for i, path := range r.paths {
		if info, err := os.Stat(path); err == nil {
			times[i] = info.ModTime()
		}
	}
	return times
}

// pairOf reads a certificate with its key.
func pairOf(cert, key string) func() (*tls.Certificate, error) {
	return func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("certificate %s with key %s: %w", cert, key, err)
		}
		return &pair, nil
	}
}

// poolOf reads the certificates of authorities.
func poolOf(path string) func() (*x509.CertPool, error) {
	return func() (*x509.CertPool, error) {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("certificate authority: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificate authority: there is no PEM certificate in %s", path)
		}
		return pool, nil
	}
}
