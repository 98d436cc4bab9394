package ingest

import (
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// pending is what is acknowledged and not yet in the store: the groups of spans by segment of
// the log, so that a look-up waits for the store only where it must. It is safe for concurrent
// use.
type pending struct {
	mu       sync.Mutex
	segments map[uint64]map[span.GroupID]struct{}
	stored   uint64        // the last segment that the store has
	changed  chan struct{} // closed when it has another
}

func newPending() *pending {
	return &pending{segments: map[uint64]map[span.GroupID]struct{}{}, changed: make(chan struct{})}
}

// add notes a batch that lies in a segment.
func (p *pending) add(segment uint64, b *span.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if segment <= p.stored {
		return // the store was faster
	}
	groups := p.segments[segment]
	if groups == nil {
		groups = map[span.GroupID]struct{}{}
		p.segments[segment] = groups
	}
	var last span.GroupID // spans of a trace come one after the other
	for i := range b.Len() {
		if g := span.Group(b.TraceID[i], b.RequestSeq[i], b.ResponseSeq[i], b.Passage[i], b.ID[i]); g != last {
			groups[g] = struct{}{}
			last = g
		}
	}
	for _, e := range b.Edges {
		groups[e.A], groups[e.B] = struct{}{}, struct{}{}
	}
}

// unknown notes a segment that an earlier run left: it may have anything.
func (p *pending) unknown(segment uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.segments[segment] = nil
}

// done notes that the store has a segment, and with it all before.
func (p *pending) done(segment uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stored = max(p.stored, segment)
	for n := range p.segments {
		if n <= segment {
			delete(p.segments, n)
		}
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// last is the newest segment that has one of the groups, or anything where none are given; 0
// where nothing waits.
func (p *pending) last(groups []span.GroupID) (segment uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, has := range p.segments {
		if n <= segment {
			continue
		}
		found := len(groups) == 0 || has == nil
		for _, g := range groups {
			if _, ok := has[g]; ok {
				found = true
				break
			}
		}
		if found {
			segment = n
		}
	}
	return segment
}

// has reports whether the store has a segment, and what is closed when that may have changed.
func (p *pending) has(segment uint64) (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return segment <= p.stored, p.changed
}
