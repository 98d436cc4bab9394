package export

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/server/lookup"
)

// Store is where traces are looked up.
type Store interface {
	Trace(ctx context.Context, q store.TraceQuery) (*store.TraceData, error)
}

// Exporter sends spans. Taken is told of what came in, and Run does the rest.
type Exporter struct {
	config  Config
	store   Store
	fresh   func(context.Context) // waits until what was taken can be looked up
	filter  filter
	pending *pending
	sender  sender
	counts  counts

	sent *recent[sentKey, struct{}]
	read *recent[span.GroupID, time.Time] // groups, and when they were looked up

	mu     sync.Mutex
	queue  []document.Item
	full   chan struct{} // somebody put something into the queue
	flying int           // items of the request under way
}

type sentKey struct {
	id     uint64
	status span.Status // one that was open is sent again when it is over
}

const (
	lookEvery  = 500 * time.Millisecond
	maxSpans   = 20_000 // of a trace
	rememberIn = 10 * time.Minute
	remembered = 1_000_000
)

// New makes an exporter of a Config that was checked.
func New(c Config, s Store, fresh func(context.Context)) (*Exporter, error) {
	e := &Exporter{
		config: c, store: s, fresh: fresh, filter: newFilter(&c), pending: newPending(c.Waiting, c.Wait), full: make(chan struct{}, 1),
		sent: newRecent[sentKey, struct{}](rememberIn, remembered), read: newRecent[span.GroupID, time.Time](rememberIn, remembered),
	}
	var err error
	e.sender, err = newSender(&e.config)
	return e, err
}

// Taken notes spans that were acknowledged. The batch is the caller's again afterwards.
func (e *Exporter) Taken(b *span.Batch) {
	if n := e.pending.add(b, time.Now()); n > 0 {
		e.counts.add(noRoom, n)
	}
}

// grace is what sending gets when it is to end: what is queued is tried once more.
const grace = 3 * time.Second

// Run looks up and sends until ctx ends; what it has not sent soon after is counted as lost.
func (e *Exporter) Run(ctx context.Context) {
	defer e.sender.close()
	last, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() {
		wait := time.NewTimer(grace)
		defer wait.Stop()
		select {
		case <-wait.C:
			end()
		case <-last.Done():
		}
	})()
	var both sync.WaitGroup
	both.Go(func() { e.look(ctx) })
	both.Go(func() { e.send(ctx, last) })
	both.Wait()
	e.mu.Lock()
	e.counts.add(stopped, len(e.queue))
	e.queue = nil
	e.mu.Unlock()
	for _, w := range e.pending.left() {
		if !e.done(w) {
			e.counts.add(stopped, w.rows)
		}
	}
}

func (e *Exporter) look(ctx context.Context) {
	tick := time.NewTicker(min(lookEvery, max(e.config.Wait/4, time.Millisecond)))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		due := e.pending.take(time.Now())
		if len(due) == 0 {
			continue
		}
		e.fresh(ctx)
		for _, w := range due {
			if ctx.Err() != nil {
				e.counts.add(stopped, w.rows)
			} else if !e.done(w) {
				e.trace(ctx, w)
			}
		}
	}
}

// done reports whether all spans of a group were looked up with a trace.
func (e *Exporter) done(w *waiting) bool {
	at, ok := e.read.get(w.group)
	return ok && at.After(w.last)
}

// trace looks up a trace and queues what was not sent of it.
func (e *Exporter) trace(ctx context.Context, w *waiting) {
	began := time.Now()
	data, err := e.store.Trace(ctx, store.TraceQuery{ID: w.id, MaxSpans: maxSpans})
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			e.counts.add(gone, w.rows) // refused by the store, or deleted
		} else {
			e.config.Log.Warn("a trace was not exported: it cannot be looked up", "trace", w.id, "error", err)
			e.counts.add(unread, w.rows)
		}
		return
	}
	if data.Truncated != "" {
		e.counts.add(large, 1)
	}
	for _, g := range data.Groups {
		e.read.put(g, began, began)
	}
	t := lookup.Assemble(data)
	t.Keep = func(i int) bool {
		s := t.Tree.Spans[i]
		p := otlptrace.PlaceOf(s, t.Entities)
		return e.filter.passes(s.Source, otlptrace.Service(s, p), p.Namespace)
	}
	var fresh []document.Item
	for _, item := range t.Items() {
		k := sentKey{item.Span.ID, item.Span.Status}
		if _, again := e.sent.get(k); again {
			continue
		}
		e.sent.put(k, struct{}{}, began)
		fresh = append(fresh, item)
	}
	e.enqueue(fresh)
}

func (e *Exporter) enqueue(items []document.Item) {
	e.mu.Lock()
	room := max(0, e.config.Queue-len(e.queue)-e.flying)
	if n := len(items) - room; n > 0 {
		e.counts.add(queueFull, n)
		items = items[:room]
	}
	e.queue = append(e.queue, items...)
	e.mu.Unlock()
	select {
	case e.full <- struct{}{}:
	default:
	}
}

// next is up to a batch of what is queued.
func (e *Exporter) next() []document.Item {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := min(len(e.queue), e.config.Batch)
	batch := e.queue[:n:n]
	e.queue = e.queue[n:]
	e.flying = n
	return batch
}

// send sends until ctx ends, and what is queued then until last does.
func (e *Exporter) send(ctx, last context.Context) {
	for {
		batch := e.next()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-e.full:
				continue
			}
		}
		e.deliver(ctx, last, batch)
	}
}

// deliver sends a batch until it is taken, refused, or tried for too long; when ctx has ended once.
func (e *Exporter) deliver(ctx, last context.Context, batch []document.Item) {
	data, err := document.Messages(batch)
	if err != nil {
		e.config.Log.Warn("spans were not exported: they cannot be written", "spans", len(batch), "error", err)
		e.counts.add(refused, len(batch))
		return
	}
	began, wait := time.Now(), e.config.backoff
	for {
		tried, cancel := context.WithTimeout(last, e.config.Timeout)
		rejected, after, err := e.sender.send(tried, data)
		cancel()
		if err == nil {
			e.counts.add(sent, len(batch)-min(rejected, len(batch)))
			e.counts.add(refused, min(rejected, len(batch)))
			return
		}
		var final *refusal
		switch {
		case errors.As(err, &final):
			e.config.Log.Warn("spans were not exported: they were refused", "spans", len(batch), "error", err)
			e.counts.add(refused, len(batch))
			return
		case ctx.Err() != nil:
			e.counts.add(stopped, len(batch))
			return
		case time.Since(began) > e.config.Patience:
			e.config.Log.Warn("spans were not exported: they were tried for too long", "spans", len(batch), "error", err)
			e.counts.add(tooLong, len(batch))
			return
		}
		e.counts.add(tries, 1)
		e.config.Log.Debug("an export is tried again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(max(jitter(wait), after)):
		}
		wait = min(2*wait, maxBackoff)
	}
}
