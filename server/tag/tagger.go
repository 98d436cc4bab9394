package tag

import (
	"net/netip"
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// The caches are emptied when they reach these sizes, so that a scan over many addresses
// costs look-ups and not memory: about 20 MB each.
const (
	maxAddresses = 1 << 16
	maxStored    = 1 << 18
)

// Tagger fills the entity columns of batches. It is safe for concurrent use.
type Tagger struct {
	source Source

	mu      sync.Mutex
	version uint64 // of the source, when byAddr was filled
	byAddr  map[[16]byte]*span.Entity
	stored  map[uint64]struct{} // entities the store has accepted
}

// New makes a tagger that asks source.
func New(source Source) *Tagger {
	return &Tagger{source: source, version: source.Version(), byAddr: map[[16]byte]*span.Entity{}, stored: map[uint64]struct{}{}}
}

// Tag fills Entity, ClientEntity and ServerEntity of every row, and Service of SYS rows
// that have none. It returns the entities the rows refer to and the store is not known to
// have: store them before the batch, then call Stored.
//
//   - Entity is the pod whose process (SYS) or code (APP) the span is; NET spans are seen by
//     the node and have none.
//   - An address that the source does not know becomes an "external" entity with the address.
//   - A loopback address is the span's own pod.
//   - No address, no entity: 0.
func (t *Tagger) Tag(b *span.Batch) []span.Entity {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v := t.source.Version(); v != t.version {
		clear(t.byAddr)
		t.version = v
	}
	rows := b.Len()
	resize(&b.Entity, rows)
	resize(&b.ClientEntity, rows)
	resize(&b.ServerEntity, rows)

	missing := map[uint64]*span.Entity{}
	var lastIP [16]byte // neighbours in a batch share addresses
	var last *span.Entity
	lookup := func(ip [16]byte) *span.Entity {
		if ip == ([16]byte{}) {
			return nil
		}
		if ip == lastIP {
			return last
		}
		lastIP, last = ip, t.entity(ip)
		if _, ok := t.stored[last.ID]; !ok {
			missing[last.ID] = last
		}
		return last
	}
	for i := range rows {
		var own *span.Entity
		if b.Source[i] != span.NET {
			own = lookup(b.PodIP[i])
		}
		b.Entity[i] = id(own)
		b.ClientEntity[i] = id(end(own, b.ClientIP[i], lookup))
		b.ServerEntity[i] = id(end(own, b.ServerIP[i], lookup))
		if b.Source[i] == span.SYS && own != nil && own.Service != "" && b.Strings.String(b.Service[i]) == "" {
			b.Service[i] = b.Strings.Ref(own.Service)
		}
	}
	out := make([]span.Entity, 0, len(missing))
	for _, e := range missing {
		out = append(out, *e)
	}
	return out
}

// Stored notes that the store has accepted entities that Tag returned. It is called only
// after success, so that a failed insert is made up for by the next batch.
func (t *Tagger) Stored(entities []span.Entity) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.stored)+len(entities) > maxStored {
		clear(t.stored)
	}
	for i := range entities {
		t.stored[entities[i].ID] = struct{}{}
	}
}

// Forget makes the tagger offer every entity again: another store is behind the server, or
// its retention may have dropped entities that are still in use.
func (t *Tagger) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.stored)
}

// entity is who has an address; t.mu is held.
func (t *Tagger) entity(ip [16]byte) *span.Entity {
	if e, ok := t.byAddr[ip]; ok {
		return e
	}
	if len(t.byAddr) >= maxAddresses {
		clear(t.byAddr)
	}
	addr := span.From16(ip)
	e, ok := t.source.Lookup(addr)
	if !ok {
		e = span.Entity{Type: "external", IP: addr.String()}
	}
	if e.ID == 0 {
		e.ID = span.EntityID(&e)
	}
	t.byAddr[ip] = &e
	return &e
}

func end(own *span.Entity, ip [16]byte, lookup func([16]byte) *span.Entity) *span.Entity {
	if own != nil && loopback(ip) {
		return own
	}
	return lookup(ip)
}

func loopback(ip [16]byte) bool {
	return netip.AddrFrom16(ip).Unmap().IsLoopback()
}

func id(e *span.Entity) uint64 {
	if e == nil {
		return 0
	}
	return e.ID
}

// resize gives a column that the sender need not fill its rows.
func resize(c *span.Fixed[uint64], rows int) {
	if cap(*c) < rows {
		*c = make(span.Fixed[uint64], rows)
	}
	*c = (*c)[:rows]
}
