package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// tcp is the store's other entrance: ClickHouse's native protocol. It is for reads; the
// blocks of a trace are decoded into the same columns as those of the HTTP interface.
type tcp struct {
	hosts   *nextHost
	options ch.Options

	mu   sync.Mutex
	idle []*ch.Client
}

const maxIdleClients = 8

// dialer is Config.DialContext, as ch-go wants it.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

// dial is how the endpoint is connected to: as configured, else over TLS where it is secure.
func (e endpoint) dial(c Config) dialer {
	plain := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	switch {
	case c.DialContext != nil:
		return c.DialContext
	case e.secure:
		return (&tls.Dialer{NetDialer: plain, Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext
	default:
		return plain.DialContext
	}
}

func newTCP(e endpoint, c Config, hosts *nextHost) *tcp {
	return &tcp{hosts: hosts, options: ch.Options{
		Database: c.Database, User: e.user, Password: e.password, ClientName: "throughline",
		Dialer: e.dial(c), DialTimeout: 10 * time.Second, HandshakeTimeout: 10 * time.Second, ReadTimeout: c.Timeout,
	}}
}

// get is a connection that nobody uses, the hosts tried one after the other where there is
// none. used says that it was used before, and may have been cut since.
func (t *tcp) get(ctx context.Context) (client *ch.Client, used bool, err error) {
	t.mu.Lock()
	for len(t.idle) > 0 && client == nil {
		client, t.idle = t.idle[len(t.idle)-1], t.idle[:len(t.idle)-1]
		if client.IsClosed() {
			client = nil
		}
	}
	t.mu.Unlock()
	if client != nil {
		return client, true, nil
	}
	for range t.hosts.hosts {
		o := t.options
		o.Address = t.hosts.current()
		if client, err = ch.Dial(ctx, o); err == nil {
			return client, false, nil
		}
		if answered := answeredBy(err); answered != nil {
			return nil, false, answered
		}
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		err = fmt.Errorf("store at %s: %w", o.Address, err)
		t.hosts.skip()
	}
	return nil, false, err
}

func (t *tcp) put(client *ch.Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if client.IsClosed() || len(t.idle) >= maxIdleClients {
		_ = client.Close()
		return
	}
	t.idle = append(t.idle, client)
}

func (t *tcp) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, client := range t.idle {
		_ = client.Close()
	}
	t.idle = nil
}

// read is Store.read by the native protocol. A connection that was cut while nobody used it,
// as by a restart of the server, is not the query's fault: another one is taken.
func (t *tcp) read(ctx context.Context, sql string, p, settings params, columns []resultColumn, each func(rows int) error) error {
	q := ch.Query{Body: sql}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		q.Parameters = append(q.Parameters, proto.Parameter{Key: name, Value: quoteParameter(p[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		q.Settings = append(q.Settings, ch.Setting{Key: name, Value: settings[name], Important: true})
	}
	for {
		client, used, err := t.get(ctx)
		if err != nil {
			return err
		}
		begun, err := t.ask(ctx, client, q, columns, each)
		if err != nil && used && !begun && client.IsClosed() && ctx.Err() == nil {
			continue
		}
		return err
	}
}

// ask runs a query. begun says that something of an answer came.
func (t *tcp) ask(ctx context.Context, client *ch.Client, q ch.Query, columns []resultColumn, each func(rows int) error) (begun bool, err error) {
	defer t.put(client)
	results := make(proto.Results, len(columns))
	for i, c := range columns {
		results[i] = proto.ResultColumn{Name: c.name, Data: &tcpColumn{cells: c.data}}
	}
	q.Result = results
	var stopped error // by each: no fault of the store's
	q.OnResult = func(_ context.Context, b proto.Block) error {
		begun = true
		if b.Rows == 0 {
			return nil
		}
		stopped = each(b.Rows)
		return stopped
	}
	err = client.Do(ctx, q)
	switch answered := answeredBy(err); {
	case err == nil:
		return true, nil
	case stopped != nil:
		_ = client.Close()
		return true, stopped
	case answered != nil:
		return true, answered
	default:
		_ = client.Close() // what is left of the answer would be the next one's beginning
		if ctx.Err() != nil {
			return begun, ctx.Err()
		}
		return begun, fmt.Errorf("decode the store's answer: %w", err)
	}
}

// answeredBy is an error that the store answered with, nil for others.
func answeredBy(err error) error {
	var exception *ch.Exception
	if !errors.As(err, &exception) {
		return nil
	}
	return &Error{Code: int(exception.Code), Message: fmt.Sprintf("Code: %d. %s", int(exception.Code), exception.Message)}
}

// quoteParameter writes a value as the native protocol has it: the text of the HTTP
// interface, quoted once more.
func quoteParameter(v string) string { return "'" + quoter.Replace(escaper.Replace(v)) + "'" }
