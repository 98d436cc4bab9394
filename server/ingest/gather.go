package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// Store is what ingest needs of pkg/store.
type Store interface {
	// PutEntities returns nil only when the entities are durable.
	PutEntities(context.Context, []span.Entity) error
	// Insert returns nil only when the whole batch is durable. Inserting a span again is
	// harmless to readers.
	Insert(context.Context, *span.Batch) error
	// InsertAll stores batches as one insert, which is one to readers and metrics however often
	// it is made under its token.
	InsertAll(ctx context.Context, token string, batches iter.Seq2[*span.Batch, error]) (store.Inserted, error)
}

// Tagger fills the entity columns; see server/tag.
type Tagger interface {
	Tag(context.Context, *span.Batch) ([]span.Entity, error)
	Stored([]span.Entity)
}

// GatherOptions say how pushes become inserts. The zero value takes the defaults.
type GatherOptions struct {
	Rows int // an insert is made at the latest when so many spans wait; 50,000
	// Delay is how long the first may wait for others; 50 ms. Longer ones make fewer and larger
	// inserts, and OTLP exporters slow: they send one batch at a time and wait for its answer.
	Delay   time.Duration
	Writers int           // inserts at the same time; 2
	Timeout time.Duration // of one insert; 60 s
	// Refused reports whether an error of the store says that the data cannot be stored
	// however often it is tried. Such a push is found and fails alone. nil: no error does.
	Refused func(error) bool
}

func (o *GatherOptions) defaults() {
	if o.Rows <= 0 {
		o.Rows = 50_000
	}
	if o.Delay <= 0 {
		o.Delay = 50 * time.Millisecond
	}
	if o.Writers <= 0 {
		o.Writers = 2
	}
	if o.Timeout <= 0 {
		o.Timeout = 60 * time.Second
	}
	if o.Refused == nil {
		o.Refused = func(error) bool { return false }
	}
}

// errRefused marks a push the store will never take.
var errRefused = errors.New("refused by the store")

// errStopping is what pushes get that come while the server stops.
var errStopping = errors.New("the server is stopping")

// part is one push on its way to the store. done is called once, by any goroutine.
type part struct {
	batch *span.Batch
	done  func(error)
}

// gatherer joins parts to inserts.
type gatherer struct {
	store  Store
	tagger Tagger
	opt    GatherOptions
	log    *slog.Logger

	in    chan part
	slots chan struct{} // one token per insert under way
	ended chan struct{} // closed when run has returned
}

func newGatherer(s Store, t Tagger, opt GatherOptions, log *slog.Logger) *gatherer {
	opt.defaults()
	return &gatherer{store: s, tagger: t, opt: opt, log: log,
		in: make(chan part), slots: make(chan struct{}, opt.Writers), ended: make(chan struct{})}
}

// add hands over a part, whose done will be called unless an error is returned.
func (g *gatherer) add(ctx context.Context, p part) error {
	select {
	case g.in <- p:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-g.ended:
		return errStopping
	}
}

// run gathers until ctx ends, then writes what waits and returns when all inserts are done.
func (g *gatherer) run(ctx context.Context) {
	var (
		waiting []part
		rows    int
		ripe    bool // the first part has waited long enough
		timer   = time.NewTimer(time.Hour)
	)
	timer.Stop()
	start := func() {
		parts := waiting
		waiting, rows, ripe = nil, 0, false
		timer.Stop()
		go func() {
			g.write(parts)
			<-g.slots
		}()
	}
	for ctx.Err() == nil {
		in, slots := g.in, g.slots
		if rows >= g.opt.Rows { // wait for a free writer before taking more: backpressure
			in = nil
		} else if !ripe {
			slots = nil
		}
		select {
		case <-ctx.Done():
		case p := <-in:
			if len(waiting) == 0 {
				timer.Reset(g.opt.Delay)
			}
			waiting = append(waiting, p)
			rows += p.batch.Len()
		case <-timer.C:
			ripe = true
		case slots <- struct{}{}:
			start()
		}
	}
	close(g.ended)
	if len(waiting) > 0 {
		g.slots <- struct{}{}
		start()
	}
	for range g.opt.Writers {
		g.slots <- struct{}{}
	}
}

// write stores parts as one insert and tells each how it ended. Where the store refuses the
// whole, it is halved until the parts at fault stand alone: n bad ones of m cost about
// n·log2(m) more inserts, and spans stored twice are one to readers.
func (g *gatherer) write(parts []part) {
	err := g.insert(parts)
	switch {
	case err == nil || !errors.Is(err, errPanic) && !g.opt.Refused(err):
		for _, p := range parts {
			p.done(err)
		}
	case len(parts) == 1:
		g.log.Warn("the store refused a batch for its contents", "spans", parts[0].batch.Len(), "error", err)
		parts[0].done(fmt.Errorf("%w: %w", errRefused, err))
	default:
		half := len(parts) / 2
		g.write(parts[:half])
		g.write(parts[half:])
	}
}

// errPanic marks a defect of ours that one batch's contents brought to light.
var errPanic = errors.New("internal error")

func (g *gatherer) insert(parts []part) (err error) {
	defer func() {
		if r := recover(); r != nil {
			g.log.Error("storing a batch panicked", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), g.opt.Timeout)
	defer cancel()
	b := parts[0].batch
	if len(parts) > 1 {
		b = new(span.Batch)
		for _, p := range parts {
			b.AppendBatch(p.batch)
		}
	}
	entities, err := g.tagger.Tag(ctx, b)
	if err != nil {
		return fmt.Errorf("tag %d spans: %w", b.Len(), err)
	}
	if len(entities) > 0 {
		if err := g.store.PutEntities(ctx, entities); err != nil {
			return fmt.Errorf("store %d entities: %w", len(entities), err)
		}
		g.tagger.Stored(entities)
	}
	if err := g.store.Insert(ctx, b); err != nil {
		return fmt.Errorf("store %d spans: %w", b.Len(), err)
	}
	return nil
}
