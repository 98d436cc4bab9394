package export

import (
	"errors"
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// counters are the stage's lines of the ledger.
type counters struct {
	taken, stored, full, refused, closed, unlogged                 [4]*atomic.Uint64 // by source
	retries, rejected, edgesDropped, reportsFailed, watchedReports *atomic.Uint64
}

func newCounters(l *ledger.Ledger) (c counters) {
	for _, s := range []span.Source{span.APP, span.SYS, span.NET} {
		line := func(what string) *atomic.Uint64 { return l.Counter("export", s.String(), what) }
		c.taken[s], c.stored[s] = line("in"), line("out")
		c.full[s], c.refused[s], c.closed[s] = line("dropped: queue full"), line("dropped: refused by the server"), line("dropped: shutdown")
		c.unlogged[s] = line("dropped: the log on disk took nothing")
	}
	c.retries = l.Counter("export", "", "pushes sent again")
	c.reportsFailed = l.Counter("export", "", "reports failed")
	c.watchedReports = l.Counter("export", "", "reports of what is watched")
	c.rejected = l.Counter("export", "", "left out by the server")
	c.edgesDropped = l.Counter("export", "", "edges dropped: queue full or closed")
	return c
}

func (c *counters) in(s span.Source, n uint64)      { bySource(&c.taken, s, n) }
func (c *counters) dropped(s span.Source, n uint64) { bySource(&c.full, s, n) }

func (c *counters) closedOne(s span.Source) { bySource(&c.closed, s, 1) }

func (c *counters) inBatch(b *span.Batch)  { count(&c.taken, b) }
func (c *counters) outBatch(b *span.Batch) { count(&c.stored, b) }

func (c *counters) droppedBatch(b *span.Batch, err error) {
	switch {
	case errors.Is(err, ErrRefused):
		count(&c.refused, b)
	case errors.Is(err, ErrFull):
		count(&c.unlogged, b)
	default:
		count(&c.closed, b)
	}
}

func bySource(lines *[4]*atomic.Uint64, s span.Source, n uint64) {
	if int(s) < len(lines) && lines[s] != nil && n > 0 {
		lines[s].Add(n)
	}
}

func count(lines *[4]*atomic.Uint64, b *span.Batch) {
	var n [4]uint64
	for _, s := range b.Source {
		n[s&3]++
	}
	for s, n := range n {
		bySource(lines, span.Source(s), n)
	}
}
