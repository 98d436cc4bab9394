package server

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/throughline-io/throughline/server/apm"
	"github.com/throughline-io/throughline/server/export"
	"github.com/throughline-io/throughline/server/kube"
)

// The default addresses: this machine only.
const (
	DefaultGRPC = "127.0.0.1:20033"
	DefaultHTTP = "127.0.0.1:20418"
)

// Config of a server. Zero values take the defaults named here.
type Config struct {
	// DataDir holds the embedded store and the token ("throughline-data").
	DataDir string
	// GRPC are the addresses agents push to (DefaultGRPC): host:port or unix:///path.
	GRPC []string
	// HTTP are the addresses of the API (DefaultHTTP): host:port or unix:///path.
	HTTP []string

	// Store is the DSN of a ClickHouse; "" runs the embedded store.
	Store string
	// StoreReader is the DSN that readers' statements go to, of a user who may only read;
	// "" is Store, with readonly = 1. The embedded store has such a user by itself.
	StoreReader string
	// Cluster is the ClickHouse cluster that tables are made on.
	Cluster string
	// Retention is how long spans are kept (7 days).
	Retention time.Duration
	// RetentionSize is how many bytes the store may take on disk before the oldest days of
	// spans go; 0: as many as there are.
	RetentionSize int64
	sizeEvery     time.Duration // how often that is looked at; a minute
	// Embedded store: its program, its library and its memory in bytes; "" and 0 find the
	// first two and take the store's default.
	StoreBinary, StoreLibrary string
	StoreMemory               int64

	// Direct acknowledges a push when the store has it, with no log on this server's disk before:
	// slower and dearer, for servers without a disk of their own. What an acknowledgement is worth
	// then is what the store was asked for.
	Direct bool
	// LogBytes bounds that log (4 GiB); beyond it agents are told to come later. LogAge is how
	// long spans lie there at most before they are taken to the store; a reader gets them there
	// sooner, and so do others when they are many. 30 s, and 5 s with a store elsewhere, whose
	// readers may ask it and not this server.
	LogBytes int64
	LogAge   time.Duration
	// FreshEvery is how often readers may make that sooner (500 ms): each time is an insert, and
	// lists may lack what came since the last.
	FreshEvery time.Duration

	// Entities is the entity file; "" knows nobody.
	Entities string

	// Kubernetes are the clusters that are watched; of none, no address is known by them. What the
	// entity file says goes before.
	Kubernetes kube.Config

	// Token is what readers of /clickhouse/ show, and by Auth others; "" takes the one in
	// DataDir, which is made where there is none.
	Token string
	// Auth says where agents and readers of the API must show the token, too: Auto,
	// Always, Never.
	Auth Auth

	// ControlToken is what who changes the configuration of agents must show, everywhere, in place of
	// Token; "": Token, where Auth asks for it.
	ControlToken string

	// TLS of the TCP addresses, as PEM files. With ClientCA agents need a certificate.
	Cert, Key, ClientCA string

	// Export is where spans are sent besides; without a URL nowhere.
	Export export.Config

	// APMs are asked for the code that they have of a trace, when it is asked for here.
	APMs []apm.Config

	// Listening, when not nil, is told the addresses once they are open.
	Listening func(grpc, http []net.Addr)

	Version string
	Log     *slog.Logger
}

// Auth says where the token is asked for.
type Auth string

// The ways. Loopback addresses and unix sockets are reached from this machine only.
const (
	AuthAuto   Auth = "auto" // at addresses that other machines can reach
	AuthAlways Auth = "always"
	AuthNever  Auth = "never"
)

func (c *Config) fill() error {
	c.DataDir = cmp.Or(c.DataDir, "throughline-data")
	if len(c.GRPC) == 0 {
		c.GRPC = []string{DefaultGRPC}
	}
	if len(c.HTTP) == 0 {
		c.HTTP = []string{DefaultHTTP}
	}
	c.Auth = cmp.Or(c.Auth, AuthAuto)
	switch c.Auth {
	case AuthAuto, AuthAlways, AuthNever:
	default:
		return fmt.Errorf("auth %q: want auto, always or never", c.Auth)
	}
	if c.Export.URL != "" {
		c.Export.Log = c.Log
		if err := c.Export.Check(); err != nil {
			return err
		}
	}
	if err := apm.Check(c.APMs); err != nil {
		return err
	}
	if c.StoreReader != "" && c.Store == "" {
		return errors.New("the embedded store has its own reader: a DSN for readers goes with a store elsewhere only")
	}
	if scheme, _, _ := strings.Cut(c.Store, "://"); scheme == "clickhouse" || scheme == "clickhouses" || scheme == "native" || scheme == "tcp" {
		return fmt.Errorf("store DSN with scheme %q: the server writes by ClickHouse's HTTP interface, http://user:password@host:8123/database or https://...:8443/...; the native protocol is for Grafana's data source, which reads", scheme)
	}
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("TLS needs both a certificate and its key")
	}
	if c.ClientCA != "" && c.Cert == "" {
		return errors.New("certificates of agents can be checked only with TLS: give the server a certificate and its key")
	}
	if strings.ContainsAny(c.Token+c.ControlToken, " \t\r\n") {
		return errors.New("the token must not contain spaces: it travels in a header")
	}
	c.LogBytes = cmp.Or(c.LogBytes, 4<<30)
	if c.LogAge == 0 {
		c.LogAge = 30 * time.Second
		if c.Store != "" {
			c.LogAge = readyAge
		}
	}
	c.Retention = cmp.Or(c.Retention, 7*24*time.Hour)
	c.sizeEvery = cmp.Or(c.sizeEvery, time.Minute)
	if c.RetentionSize < 0 {
		return errors.New("the size that the store is kept to must not be negative; 0 is no limit")
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	return nil
}

// asks reports whether the token is wanted at an address.
func (c *Config) asks(l net.Listener) bool {
	switch c.Auth {
	case AuthAlways:
		return true
	case AuthNever:
		return false
	}
	return !local(l)
}

// local reports whether only this machine can reach a listener.
func local(l net.Listener) bool {
	switch a := l.Addr().(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		ip, ok := netip.AddrFromSlice(a.IP)
		return ok && ip.Unmap().IsLoopback()
	}
	return false
}
