package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config says where the store is and how it is kept. Zero values take the defaults named
// here.
type Config struct {
	// DSN is http(s)://user:password@host:8123/database, or for reads by the native protocol
	// clickhouse://user:password@host:9000/database, with ?secure=true over TLS (port 9440).
	// Several hosts are separated by commas.
	DSN string
	// Database overrides the DSN's ("throughline").
	Database string
	// Token overrides the DSN's password; it is sent as header X-ClickHouse-Key.
	Token string
	// DialContext dials in place of the network: the unix socket of the embedded engine.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Cluster is the name of the ClickHouse cluster that the tables are made on; "" for a
	// single server.
	Cluster string
	// Observe is called, if set, with the context of every statement that is sent.
	Observe func(ctx context.Context)
	// Timeout bounds a statement (60 s).
	Timeout time.Duration
	// Retention is how long spans are kept (7 days), in whole days.
	Retention time.Duration
}

// endpoint is a Config understood.
type endpoint struct {
	native   bool // the native protocol, not HTTP
	secure   bool
	hosts    []string
	path     string
	user     string
	password string
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// splitDSN takes the hosts out, of which package url knows only one. Its errors do not
// show the DSN, which holds a password.
func splitDSN(dsn string) (u *url.URL, hosts []string, err error) {
	scheme, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		return nil, nil, errors.New("store DSN: want http://user:password@host:8123/database")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@') + 1
	if u, err = url.Parse(scheme + "://" + rest[:at] + "host" + rest[end:]); err != nil {
		return nil, nil, errors.New("store DSN cannot be read: want http://user:password@host:8123/database, with special characters of the password as %XX")
	}
	return u, strings.Split(rest[at:end], ","), nil
}

func (c *Config) parse() (endpoint, error) {
	u, hosts, err := splitDSN(c.DSN)
	if err != nil {
		return endpoint{}, err
	}
	e := endpoint{hosts: hosts, user: u.User.Username()}
	e.password, _ = u.User.Password()
	port := "8123"
	switch u.Scheme {
	case "http":
	case "https":
		e.secure, port = true, "8443"
	case "clickhouse", "native", "tcp":
		e.native, port = true, "9000"
		if secure := u.Query().Get("secure"); secure == "true" || secure == "1" {
			e.secure, port = true, "9440"
		}
	default:
		return endpoint{}, fmt.Errorf("store DSN with scheme %q: use ClickHouse's HTTP interface, http://user:password@host:8123/database or https://...:8443/..., or for reads its native protocol, clickhouse://...:9000/...", u.Scheme)
	}
	for i, h := range e.hosts {
		if h == "" {
			return endpoint{}, fmt.Errorf("store DSN %s://... names no host", u.Scheme)
		}
		if _, _, err := net.SplitHostPort(h); err != nil {
			e.hosts[i] = net.JoinHostPort(strings.Trim(h, "[]"), port)
		}
	}
	path, database := "", strings.Trim(u.Path, "/")
	if i := strings.LastIndexByte(database, '/'); i >= 0 { // a proxy's prefix in front
		path, database = "/"+database[:i], database[i+1:]
	}
	e.path = path
	c.Database = cmp.Or(c.Database, u.Query().Get("database"), database, "throughline")
	if !identifier.MatchString(c.Database) {
		return endpoint{}, fmt.Errorf("store database %q: letters, digits and _ only", c.Database)
	}
	if c.Cluster != "" && !identifier.MatchString(c.Cluster) {
		return endpoint{}, fmt.Errorf("store cluster %q: letters, digits and _ only", c.Cluster)
	}
	e.user = cmp.Or(e.user, "default")
	e.password = cmp.Or(c.Token, e.password)
	c.Timeout = cmp.Or(c.Timeout, 60*time.Second)
	c.Retention = cmp.Or(c.Retention, 7*24*time.Hour)
	if c.Retention < 24*time.Hour {
		return endpoint{}, fmt.Errorf("store retention %v: at least a day", c.Retention)
	}
	return e, nil
}
