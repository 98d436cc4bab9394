package front

import (
	"context"
	"slices"
	"sync"
)

// pool is the leases that one kind of caller shares.
type pool struct {
	free chan struct{} // one for each idle lease
	mu   sync.Mutex
	idle []*lease // the one that was used last at the end
}

func newPool(size int, lease func() *lease) *pool {
	p := &pool{free: make(chan struct{}, size)}
	for range size {
		p.put(lease())
	}
	return p
}

// get waits for a lease; nil where the caller has gone. It prefers one that has the statement's
// settings and database: to set others takes as long as a small statement.
func (p *pool) get(ctx context.Context, st *statement) *lease {
	select {
	case <-p.free:
	case <-ctx.Done():
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := len(p.idle) - 1
	for ; at > 0 && !p.idle[at].has(st.settings, st.database); at-- {
	}
	c := p.idle[at]
	p.idle = slices.Delete(p.idle, at, at+1)
	return c
}

func (p *pool) put(c *lease) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// close waits for running statements and closes the connections.
func (p *pool) close() {
	for range cap(p.free) {
		p.get(context.Background(), &statement{}).close()
	}
}
