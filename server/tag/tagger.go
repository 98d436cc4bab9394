package tag

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// The caches are emptied when they reach these sizes, so that a scan over many addresses
// costs look-ups and not memory: about 20 MB each.
const (
	maxAddresses = 1 << 16
	maxResources = 1 << 15
	maxStored    = 1 << 18
)

// Tagger fills the entity columns of batches. It is safe for concurrent use.
type Tagger struct {
	source    Source
	resources Resources // nil: only those of the batch are known

	mu         sync.Mutex
	version    uint64 // of the source, when byAddr was filled
	byAddr     map[[16]byte]*named
	byResource map[uint64]*described // nil: nobody knows it
	bySender   map[sender]*named
	stored     map[uint64]struct{} // entities the store has accepted
}

// named is an entity; known says that it is more than an address.
type named struct {
	span.Entity
	known bool
}

// New makes a tagger that asks source for addresses, and resources, where it is not nil, for
// OTel resources.
func New(source Source, resources Resources) *Tagger {
	return &Tagger{source: source, resources: resources, version: source.Version(), byAddr: map[[16]byte]*named{},
		byResource: map[uint64]*described{}, bySender: map[sender]*named{}, stored: map[uint64]struct{}{}}
}

// Tag fills Entity, ClientEntity and ServerEntity of every row, and Service of SYS rows
// that have none. It returns the entities the rows refer to and the store is not known to
// have: store them before the batch, then call Stored.
//
//   - Entity is the pod whose process (SYS) or code (APP) the span is; NET spans are seen by
//     the node and have none.
//   - Of an APP span whose address the source does not know, or that has none, Entity is what
//     its OTel resource says. Where the source knows the address as somebody else's, who
//     passed the span on, the address goes.
//   - Any other address that the source does not know becomes an "external" entity.
//   - A loopback address is the span's own pod, as is its own address.
//   - No address and no resource, no entity: 0.
func (t *Tagger) Tag(ctx context.Context, b *span.Batch) ([]span.Entity, error) {
	if err := t.learn(ctx, b); err != nil {
		return nil, fmt.Errorf("ask for OTel resources: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v := t.source.Version(); v != t.version {
		clear(t.byAddr)
		clear(t.bySender)
		t.version = v
	}
	rows := b.Len()
	resize(&b.Entity, rows)
	resize(&b.ClientEntity, rows)
	resize(&b.ServerEntity, rows)

	missing := map[uint64]*span.Entity{}
	use := func(e *named) *named {
		if e != nil {
			if _, ok := t.stored[e.ID]; !ok {
				missing[e.ID] = &e.Entity
			}
		}
		return e
	}
	var lastIP [16]byte // neighbours in a batch share addresses
	var last *named
	lookup := func(ip [16]byte) *named {
		if ip != lastIP {
			lastIP, last = ip, use(t.entity(ip))
		}
		return last
	}
	senders := senders{tagger: t, batch: b}
	for i := range rows {
		var own *named
		switch b.Source[i] {
		case span.APP:
			if own = senders.of(i, use); senders.passedOn {
				forgetAddress(b, i)
			}
		case span.SYS:
			own = lookup(b.PodIP[i])
		}
		end := func(ip [16]byte) *named {
			if own != nil && ip != ([16]byte{}) && (loopback(ip) || ip == b.PodIP[i]) {
				return own
			}
			return lookup(ip)
		}
		b.Entity[i], b.ClientEntity[i], b.ServerEntity[i] = id(own), id(end(b.ClientIP[i])), id(end(b.ServerIP[i]))
		if b.Source[i] == span.SYS && own != nil && own.Service != "" && b.Strings.String(b.Service[i]) == "" {
			b.Service[i] = b.Strings.Ref(own.Service)
		}
	}
	out := make([]span.Entity, 0, len(missing))
	for _, e := range missing {
		out = append(out, *e)
	}
	return out, nil
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

// forgetAddress takes the sender's address out of a row.
func forgetAddress(b *span.Batch, i int) {
	ip := b.PodIP[i]
	for _, c := range []*[16]byte{&b.PodIP[i], &b.ClientIP[i], &b.ServerIP[i]} {
		if *c == ip {
			*c = [16]byte{}
		}
	}
}

func id(e *named) uint64 {
	if e == nil {
		return 0
	}
	return e.ID
}

// entity is who has an address, nil for none; t.mu is held.
func (t *Tagger) entity(ip [16]byte) *named {
	if ip == ([16]byte{}) {
		return nil
	}
	if e, ok := t.byAddr[ip]; ok {
		return e
	}
	if len(t.byAddr) >= maxAddresses {
		clear(t.byAddr)
	}
	addr := span.From16(ip)
	e := &named{}
	if e.Entity, e.known = t.source.Lookup(addr); !e.known {
		e.Entity = span.Entity{Type: span.External, IP: addr.String()}
	}
	if e.ID == 0 {
		e.ID = span.EntityID(&e.Entity)
	}
	t.byAddr[ip] = e
	return e
}

func loopback(ip [16]byte) bool {
	return netip.AddrFrom16(ip).Unmap().IsLoopback()
}

// resize gives a column that the sender need not fill its rows.
func resize(c *span.Fixed[uint64], rows int) {
	if cap(*c) < rows {
		*c = make(span.Fixed[uint64], rows)
	}
	*c = (*c)[:rows]
}
