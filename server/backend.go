package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/engine"
	"github.com/throughline-io/throughline/server/query"
)

// backend is the store behind the server: opened after the addresses, as an embedded store
// takes its time to start. Until it is ready, whoever needs it gets an error that says so.
type backend struct {
	config *Config
	engine *engine.Engine // nil: a ClickHouse elsewhere
	store  *store.Store   // what is written, and what writing needs to read
	reads  *store.Store   // for the API: its statements never take a connection from an insert
	target *query.Target

	ready   atomic.Bool
	problem atomic.Pointer[string] // why it is not ready
	since   atomic.Int64           // when it became ready, Unix ns
	unsafe  atomic.Pointer[string] // why what it has may be lost with the power; nil: it is not
}

// openBackend starts the embedded store, or prepares for the one elsewhere.
func openBackend(ctx context.Context, c *Config) (*backend, error) {
	b := &backend{config: c}
	b.fail(errors.New("the store is starting"))
	config := store.Config{DSN: c.Store, Cluster: c.Cluster, Retention: c.Retention}
	if c.Store == "" {
		e, err := engine.Launch(engine.Options{
			DataDir: c.DataDir, Binary: c.StoreBinary, Library: c.StoreLibrary, Memory: c.StoreMemory, Logger: c.Log.With("part", "store"),
		})
		if err != nil {
			return nil, fmt.Errorf("embedded store: %w", err)
		}
		b.engine = e
		config = e.StoreConfig()
		config.Retention = c.Retention
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		b.close()
		return nil, err
	}
	b.store = s
	if b.engine != nil {
		config.Token = b.engine.ReadSecret()
	}
	if b.reads, err = store.Open(ctx, config); err != nil {
		b.close()
		return nil, err
	}
	if b.target, err = b.readers(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// readers is where statements of readers go, with credentials that can only read where the
// store is ours to have such.
func (b *backend) readers() (*query.Target, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, DisableCompression: true, ResponseHeaderTimeout: 5 * time.Minute}
	if b.engine != nil {
		transport.DialContext = b.engine.DialContext
		u, err := url.Parse(engine.URL)
		if err != nil {
			return nil, err
		}
		return &query.Target{URL: u, User: "default", Key: b.engine.ReadSecret(), Transport: transport}, nil
	}
	u, err := url.Parse(cmp.Or(b.config.StoreReader, b.config.Store))
	if err != nil {
		return nil, fmt.Errorf("store DSN of readers: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("store DSN of readers %q: want http(s)://user:password@host:8123/database", u.Redacted())
	}
	transport.Proxy = http.ProxyFromEnvironment
	transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	t := &query.Target{User: "default", Transport: transport}
	if u.User != nil {
		t.User = u.User.Username()
		t.Key, _ = u.User.Password()
	}
	host, _, _ := strings.Cut(u.Host, ",")
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), map[string]string{"http": "8123", "https": "8443"}[u.Scheme])
	}
	prefix, _, _ := cutLast(strings.Trim(u.Path, "/")) // the last part is the database
	t.URL = &url.URL{Scheme: u.Scheme, Host: host, Path: "/" + prefix}
	return t, nil
}

func cutLast(path string) (before, last string, found bool) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

// prepare migrates until it has succeeded or ctx ends: the store may be away, or still be
// starting. One that a newer version has migrated is an error for good.
func (b *backend) prepare(ctx context.Context) error {
	if err := b.awaitEngine(ctx); err != nil {
		return err
	}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := b.store.Migrate(ctx)
		if err == nil {
			b.keepNewest(ctx)
			b.since.Store(time.Now().UnixNano())
			b.ready.Store(true)
			b.askDurability(ctx)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, store.ErrNewer) {
			return err
		}
		b.fail(err)
		b.config.Log.Warn("the store is not ready, trying again", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// keepNewest keeps the newest spans in memory where nobody else stores any. Without them the store is asked.
func (b *backend) keepNewest(ctx context.Context) {
	if b.engine == nil {
		return
	}
	if err := b.store.KeepNewest(ctx, b.reads); err != nil {
		b.config.Log.Warn("lists of the newest spans are slower until the next start", "error", err)
	}
}

// awaitEngine waits until the embedded store answers, and meanwhile says why it does not.
func (b *backend) awaitEngine(ctx context.Context) error {
	if b.engine == nil {
		return nil
	}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-b.engine.Ready():
			return nil
		case <-b.engine.Done():
			return cmp.Or(b.engine.Err(), context.Canceled)
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			if err := b.engine.Trouble(); err != nil {
				b.fail(err)
			}
		}
	}
}

// askDurability says what an insert into a ClickHouse elsewhere is worth; of the embedded store it is known.
func (b *backend) askDurability(ctx context.Context) {
	if b.engine != nil {
		return
	}
	switch why, err := b.store.Durability(ctx); {
	case err != nil:
		b.config.Log.Warn("what the store's inserts are worth is not known", "error", err)
	case why != "":
		b.config.Log.Warn("what the store has is not safe from a loss of power", "reason", why)
		b.unsafe.Store(&why)
	}
}

func (b *backend) fail(err error) {
	why := err.Error()
	b.problem.Store(&why)
}

// Ready says why the store cannot be used yet.
func (b *backend) Ready() error {
	if b.ready.Load() {
		return nil
	}
	return errors.New(*b.problem.Load())
}

func (b *backend) close() {
	if b.store != nil {
		_ = b.store.Close() // nothing is under way any more
	}
	if b.reads != nil {
		_ = b.reads.Close()
	}
	if b.engine != nil {
		if err := b.engine.Close(); err != nil {
			b.config.Log.Warn("stopping the store", "error", err)
		}
	}
}

// trusted runs a write to the store; see engine.Trusted.
func (b *backend) trusted(write func() error) error {
	if b.engine == nil {
		return write()
	}
	return b.engine.Trusted(write)
}

// The methods of the store that wait for it to be ready: an insert before the migration
// would be refused as data for tables that do not exist.

func (b *backend) PutEntities(ctx context.Context, e []span.Entity) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.trusted(func() error { return b.store.PutEntities(ctx, e) })
}

func (b *backend) Resources(ctx context.Context, ids []uint64) (map[uint64]span.Resource, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.store.Resources(ctx, ids)
}

func (b *backend) Insert(ctx context.Context, batch *span.Batch) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.trusted(func() error { return b.store.Insert(ctx, batch) })
}

func (b *backend) InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error) {
	if err := b.Ready(); err != nil {
		return store.Inserted{}, err
	}
	var done store.Inserted
	err := b.trusted(func() (err error) {
		done, err = b.store.InsertAll(ctx, token, batches)
		return err
	})
	return done, err
}

func (b *backend) PutLedger(ctx context.Context, rows []store.LedgerRow) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.trusted(func() error { return b.store.PutLedger(ctx, rows) })
}

func (b *backend) PutWatched(ctx context.Context, all []store.Watch) error {
	if err := b.Ready(); err != nil {
		return err
	}
	defer b.reads.Reporting(all)()
	return b.trusted(func() error { return b.store.PutWatched(ctx, all) })
}

func (b *backend) Ledger(ctx context.Context, q store.LedgerQuery) ([]store.LedgerRow, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.reads.Ledger(ctx, q)
}

func (b *backend) Ping(ctx context.Context) error {
	if err := b.Ready(); err != nil {
		return err
	}
	return b.store.Ping(ctx)
}

func (b *backend) Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.reads.Trace(ctx, q)
}

func (b *backend) Search(ctx context.Context, q store.SearchQuery) (store.Found, error) {
	if err := b.Ready(); err != nil {
		return store.Found{}, err
	}
	return b.reads.Search(ctx, q)
}

func (b *backend) WhyNothing(ctx context.Context, q store.SearchQuery) ([]string, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.reads.WhyNothing(ctx, q)
}

func (b *backend) Values(ctx context.Context, q store.ValuesQuery) ([]string, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.reads.Values(ctx, q)
}

func (b *backend) Serving(ctx context.Context, q store.ServingQuery) (found []*span.Span, full bool, err error) {
	if err := b.Ready(); err != nil {
		return nil, false, err
	}
	return b.reads.Serving(ctx, q)
}

func (b *backend) TagKeys(ctx context.Context, q store.TagsQuery) ([]store.Tag, error) {
	if err := b.Ready(); err != nil {
		return nil, err
	}
	return b.reads.TagKeys(ctx, q)
}
