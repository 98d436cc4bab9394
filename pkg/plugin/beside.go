package plugin

import (
	"context"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// besideTimeout is how long a trace that was read waits for what stands beside it, what is usual
// and who links to it: it is shown without, too.
const besideTimeout = time.Second

// beside is what stands beside a trace. It is asked for as soon as it can be, while the trace is
// read and assembled.
type beside struct {
	i     *Instance
	group sync.WaitGroup

	linked    span.TraceID // whose links were asked for
	links     []store.LinkFrom
	durations map[store.Hop]store.Histogram
}

func (b *beside) askLinks(ctx context.Context, id span.TraceID) {
	b.linked = id
	apart(ctx, &b.group, func() { b.links = b.i.linksFrom(ctx, id) })
}

func (b *beside) askDurations(ctx context.Context, spans []*span.Span) {
	hops, start := hopsOf(spans), earliest(spans) // now: to assemble spans puts them in another order
	if len(hops) > 0 {
		apart(ctx, &b.group, func() { b.durations = b.i.durationsOf(ctx, hops, start) })
	}
}

// add waits for what was asked and adds it to the trace. The trace of a span is known only now, and
// so are its links.
func (b *beside) add(ctx context.Context, t *assembled) {
	id := t.tree.TraceID()
	if id != b.linked && !id.IsZero() {
		b.group.Wait()
		b.askLinks(ctx, id)
	}
	b.group.Wait()
	t.durations = b.durations
	if id == b.linked {
		t.data.LinkedFrom = b.links
	}
}
