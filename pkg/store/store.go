package store

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/throughline-io/throughline/pkg/span"
)

// Store reads and writes one ClickHouse. It is safe for concurrent use.
type Store struct {
	config    Config
	endpoint  endpoint
	transport *http.Transport
	client    *http.Client
	conn      driver.Conn // for everything but bulk inserts and trace reads
	next      nextHost
	tcp       *tcp // in place of the HTTP interface, for reads; nil: HTTP

	writers      sync.Pool // *insertWriter
	requestNames requestNames
	sent         seen // entities and resources that are stored already
	keys         seen // keys of attributes that are
	offered      keptValues
	entities     cache[span.Entity]
	resources    cache[span.Resource]
	watches      watchCache
	usual        usualCache
	settings     settingsMode
	newest       *newest // nil: not kept
}

// Open prepares a store; it does not connect.
func Open(_ context.Context, c Config) (*Store, error) {
	e, err := c.parse()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext:         c.DialContext,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
		WriteBufferSize:     256 << 10,
		ReadBufferSize:      64 << 10,
	}
	options := &clickhouse.Options{
		Protocol:    clickhouse.HTTP,
		Addr:        e.hosts,
		Auth:        clickhouse.Auth{Database: c.Database, Username: e.user, Password: e.password},
		HttpUrlPath: e.path,
		ReadTimeout: c.Timeout,
		// One pool of connections for both ways to the store.
		TransportFunc:   func(*http.Transport) (http.RoundTripper, error) { return transport, nil },
		ConnMaxLifetime: time.Hour,
		MaxOpenConns:    32,
		MaxIdleConns:    8,
	}
	if e.native {
		dial := e.dial(c)
		options.Protocol, options.HttpUrlPath, options.TransportFunc = clickhouse.Native, "", nil
		options.DialTimeout = 10 * time.Second
		options.DialContext = func(ctx context.Context, address string) (net.Conn, error) { return dial(ctx, "tcp", address) }
	} else if c.DialContext == nil {
		transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	if c.Cluster != "" {
		options.Settings = clickhouse.Settings{}
		for name, v := range clusterRead {
			options.Settings[name] = v
		}
	}
	if e.secure && !e.native {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{
		config: c, endpoint: e, conn: conn, transport: transport, client: &http.Client{Transport: transport, Timeout: c.Timeout},
		entities: newCache[span.Entity](100_000), resources: newCache[span.Resource](20_000),
	}
	s.next.hosts = e.hosts
	if e.native {
		s.tcp = newTCP(e, c, &s.next)
	}
	s.writers.New = func() any { return new(insertWriter) }
	return s, nil
}

// Ping asks the store whether it answers and takes our credentials.
func (s *Store) Ping(ctx context.Context) error {
	if s.tcp != nil {
		one := new(numbers[uint8])
		return s.tcp.read(ctx, "SELECT 1 AS one", nil, nil, []resultColumn{{"one", one}}, func(int) error { return nil })
	}
	_, err := s.text(ctx, "", "SELECT 1", nil)
	return err
}

// Forget sends entities, OTel resources and keys of attributes again when they come next: the
// store may have lost them, to a restore from a backup.
func (s *Store) Forget() {
	s.sent.forget()
	s.keys.forget()
	s.offered.forget()
}

func (s *Store) observe(ctx context.Context) {
	if s.config.Observe != nil {
		s.config.Observe(ctx)
	}
}

// Version is the store's ClickHouse version.
func (s *Store) Version(ctx context.Context) (string, error) {
	if s.tcp != nil {
		version, name := "", new(texts)
		err := s.tcp.read(ctx, "SELECT version() AS version", nil, nil, []resultColumn{{"version", name}}, func(int) error {
			version = strings.Clone(name.at(0))
			return nil
		})
		return version, err
	}
	return s.text(ctx, "", "SELECT version()", nil)
}

// Close gives the connections back. Statements that run end with an error.
func (s *Store) Close() error {
	err := s.conn.Close()
	if s.tcp != nil {
		s.tcp.close()
	}
	s.transport.CloseIdleConnections()
	return err
}
