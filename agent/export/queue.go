// Package export takes what the agent sees to the server: it gathers spans into batches,
// keeps each batch until the server says that it is durably stored, sends it again after
// an error, and counts what it had to drop.
//
// While the server is away the queue grows to its bounds; then new spans are dropped, or,
// where the sender can be told (OTLP), refused.
package export

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// Errors of Send. All but ErrRefused say that the same spans may be sent again.
var (
	ErrFull    = errors.New("the agent's queue to the server is full")
	ErrDown    = errors.New("the server or its store does not answer")
	ErrRefused = errors.New("the server refused the batch as malformed")
	ErrClosed  = errors.New("the agent is shutting down")
)

// Config says who exports, where to, and how much may wait.
type Config struct {
	Server  string // "host:port" or "unix:///path"
	Agent   string
	Node    string
	Version string
	Boot    uint64 // this run of the agent
	Started time.Time
	Ledger  *ledger.Ledger
	Log     *slog.Logger // nil: the default

	// Dir is a directory of the agent's own. With it a batch is durably stored when it is in a log
	// there, which goes to the server in its own time and outlives the process; "": when the server
	// has it.
	Dir      string
	LogBytes int64 // of that log; then ErrFull. 0: 1 GiB

	MaxSpans int           // that wait or are under way; 0: 500,000
	MaxBytes int           // the same in bytes of memory; 0: 128 MiB
	Rows     int           // a batch is sent when it has so many spans; 0: 10,000
	Linger   time.Duration // or when it is so old; 0: 100 ms
	Patience time.Duration // how long Send waits; 0: 8 s, less than the 10 s of OTLP exporters
	Workers  int           // batches under way at once; 0: 4

	// Intervals are further rows of the report, such as when the agent was blind.
	Intervals func() []*wire.LedgerRow
	// Watched is what the agent looks at and how often that has changed so far.
	Watched func() (all []*wire.Watched, changes int)
	Dial    []grpc.DialOption
}

// defaultSpans is Config.MaxSpans.
const defaultSpans = 500_000

func (c *Config) defaults() {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	wait := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	if c.LogBytes == 0 {
		c.LogBytes = 1 << 30
	}
	set(&c.MaxSpans, defaultSpans)
	set(&c.MaxBytes, 128<<20)
	set(&c.Rows, 10_000)
	set(&c.Workers, 4)
	wait(&c.Linger, 100*time.Millisecond)
	wait(&c.Patience, 8*time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

// Queue is the way to the server. It is safe for concurrent use.
type Queue struct {
	config Config
	conn   *grpc.ClientConn
	client wire.IngestClient
	count  counters
	log    *diskLog // nil: without

	stop    context.CancelFunc // ends the workers
	workers sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	open     *parcel   // takes spans
	sealed   []*parcel // wait for a worker
	flying   int       // with a worker
	spans    int       // in all parcels
	bytes    int       // in sealed and flying parcels
	senders  senders   // who waits for an answer, and who got one just now
	sequence uint64
	underWay map[Key]*Delivery // requests that are not yet in the log
	ready    *sync.Cond        // for workers: there is a parcel to send, or closed
	landed   *sync.Cond        // for Flush: flying or closed changed

	downSince atomic.Int64 // Unix nanoseconds; 0: the server answers
	known     resources    // which the server has stored

	watched watchedReport // of the reporter alone
	// unheard is why its last reports failed, as it was logged, and when; of the reporter alone.
	unheard   string
	unheardAt time.Time
}

// New makes a queue that begins to send at once. Close ends it.
func New(c Config) (*Queue, error) {
	c.defaults()
	conn, err := dial(&c)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	q := &Queue{config: c, conn: conn, client: wire.NewIngestClient(conn), count: newCounters(c.Ledger), stop: stop}
	if c.Dir != "" {
		if q.log, err = openLog(&c); err != nil {
			stop()
			return nil, errors.Join(err, conn.Close())
		}
		q.underWay = map[Key]*Delivery{}
		q.workers.Go(func() { q.drain(ctx) })
	}
	q.ready, q.landed = sync.NewCond(&q.mu), sync.NewCond(&q.mu)
	for range c.Workers {
		q.workers.Go(func() { q.work(ctx) })
	}
	q.workers.Go(func() { q.reportEverySecond(ctx) })
	return q, nil
}

// SetMaxSpans changes how many spans wait or are under way at most; 0: 500,000.
func (q *Queue) SetMaxSpans(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.config.MaxSpans = cmp.Or(n, defaultSpans)
}

// Conn is the connection to the server.
func (q *Queue) Conn() grpc.ClientConnInterface { return q.conn }

// Add queues a copy of a span; it never waits. When the queue is full the span is
// dropped and counted.
func (q *Queue) Add(s *span.Span) {
	q.count.in(s.Source, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.count.closedOne(s.Source)
		return
	}
	if q.full() {
		q.count.dropped(s.Source, 1)
		return
	}
	p := q.parcel()
	p.batch.Append(s)
	q.spans++
	if p.batch.Len() >= q.config.Rows || p.size() >= parcelBytes {
		q.seal(p)
	}
}

// AddOf queues one span of an OTel resource, and the resource, where it is not known to be stored.
func (q *Queue) AddOf(s *span.Span, r span.Resource) {
	q.mu.Lock()
	if !q.closed && !q.full() && !q.known.recent(r.ID, time.Now()) {
		p := q.parcel()
		if !slices.ContainsFunc(p.batch.OTelResources, func(o span.Resource) bool { return o.ID == r.ID }) {
			p.batch.OTelResources = append(p.batch.OTelResources, r)
			p.resource += r.Size()
		}
	}
	q.mu.Unlock()
	q.Add(s)
}

// AddEdge queues an edge.
func (q *Queue) AddEdge(e span.Edge) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.full() {
		q.count.edgesDropped.Add(1)
		return
	}
	p := q.parcel()
	p.batch.Edges = append(p.batch.Edges, e)
}

// Send queues a copy of a batch and returns when it is durably stored; see Delivery.Wait.
func (q *Queue) Send(ctx context.Context, b *span.Batch) (LeftOut, error) {
	d, err := q.Put(b, Key{})
	if err != nil {
		return LeftOut{}, err
	}
	return d.Wait(ctx)
}

// Keyed reports whether Put wants to know the request's key: where a log is kept.
func (q *Queue) Keyed() bool { return q.log != nil }

// Problem is why the log's disk takes nothing; nil: it does, or there is no log.
func (q *Queue) Problem() error {
	if q.log == nil {
		return nil
	}
	return q.log.Stats().Problem()
}

// Put queues a copy of a batch, whole or not at all. Where its request, which key names, came before
// and is in the log, or on its way there, the batch is left out, for it would count twice in metrics.
func (q *Queue) Put(b *span.Batch, key Key) (*Delivery, error) {
	d := &Delivery{queue: q}
	if b.Len() == 0 && len(b.Edges) == 0 {
		return d, nil
	}
	if q.log == nil && q.down() > patienceWhenDown {
		return nil, ErrDown
	}
	d.shares = d.first[:0]
	size := b.Size() + b.ResourcesSize()
	q.mu.Lock()
	defer q.mu.Unlock()
	if key != (Key{}) && q.log != nil {
		if before := q.underWay[key]; before != nil {
			return before, nil
		}
		if q.log.requests.has(key) {
			d.shares = nil
			return d, nil
		}
	}
	switch {
	case q.closed:
		return nil, ErrClosed
	case q.full(), q.bytes > 0 && q.bytes+size > q.config.MaxBytes:
		return nil, ErrFull
	case size <= largestBytes:
		d.shares = append(d.shares, q.join(b, size))
	default:
		cut(b, parcelBytes, func(part *span.Batch) {
			d.shares = append(d.shares, q.join(part, part.Size()+part.ResourcesSize()))
		})
	}
	// One in parts has no key: they become durable one by one.
	if key != (Key{}) && q.log != nil && len(d.shares) == 1 {
		q.underWay[key] = d
		d.shares[0].parcel.keys = append(d.shares[0].parcel.keys, key)
	}
	return d, nil
}

// patienceWhenDown is for how long a server that is away may be expected back by those
// who wait: a restart takes about a second.
const patienceWhenDown = 2 * time.Second

// join puts a batch of so many bytes into a parcel. It is called with the lock held.
func (q *Queue) join(b *span.Batch, size int) share {
	p := q.parcel()
	if p.batch.Len() > 0 && (p.batch.Len()+b.Len() > wire.MaxRows || p.size()+size > parcelBytes) {
		q.seal(p)
		p = q.parcel()
	}
	q.count.inBatch(b)
	s := share{p, uint32(p.batch.Len()), uint32(p.batch.Len() + b.Len())}
	p.batch.AppendBatch(b)
	p.resource += b.ResourcesSize()
	q.spans += b.Len()
	p.senders++
	switch alone := q.senders.came(p.senders, time.Now().Add(-q.config.Linger)); {
	case p.batch.Len() >= q.config.Rows || p.size() >= parcelBytes:
		q.seal(p)
	case alone || p.batch.Len() >= enough:
		if p.early = true; q.flying+len(q.sealed) == 0 {
			q.seal(p)
		}
	}
	return s
}

// enough is how many spans are worth a push where somebody waits for the answer: OpenTelemetry's
// SDKs send up to 512 spans at a time, and so many only when more wait behind them.
const enough = 500

// full is called with the lock held.
func (q *Queue) full() bool {
	return q.spans >= q.config.MaxSpans || q.bytes >= q.config.MaxBytes
}

// down is for how long the server has not answered.
func (q *Queue) down() time.Duration {
	since := q.downSince.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}

// Flush sends what is queued and returns when all of it is stored: in the log, where there is one.
func (q *Queue) Flush(ctx context.Context) error {
	// A log outlives the process: what is in it is safe.
	stop := context.AfterFunc(ctx, q.landed.Broadcast)
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open != nil {
		q.seal(q.open)
	}
	for len(q.sealed) > 0 || q.flying > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		q.landed.Wait()
	}
	return nil
}

// Close stops sending. What is not yet stored is lost and counted; Flush first.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.closed = true
	if q.open != nil {
		q.seal(q.open)
	}
	q.ready.Broadcast()
	q.landed.Broadcast()
	q.mu.Unlock()
	q.stop()
	q.workers.Wait()
	q.mu.Lock()
	for _, p := range q.sealed {
		q.count.droppedBatch(p.batch, ErrClosed)
		p.finish(ErrClosed)
	}
	q.sealed = nil
	q.mu.Unlock()
	q.report(context.Background()) // says what the shutdown lost
	var err error
	if q.log != nil {
		err = q.log.close()
	}
	return errors.Join(err, q.conn.Close())
}
