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
	byAddr     map[place]*named
	byResource map[uint64]*described // nil: nobody knows it
	bySender   map[sender]*named
	byPod      map[sender]*named // without address and node; nil: the uid is not known
	names      names             // of addresses that the source does not know
	byName     map[called]*named
	stored     map[uint64]struct{} // entities the store has accepted
}

// named is an entity; known says that it is more than an address.
type named struct {
	span.Entity
	known       bool
	from, until int64 // from when on and before when it is so
}

// called is an address and the name by which somebody asked for it.
type called struct {
	ip   [16]byte
	name string
}

// place is where somebody is asked for.
type place struct {
	ip        [16]byte
	scope     Scope
	port      uint16 // 0: a client's
	transport uint8
}

// New makes a tagger that asks source for addresses, and resources, where it is not nil, for
// OTel resources.
func New(source Source, resources Resources) *Tagger {
	return &Tagger{source: source, resources: resources, version: source.Version(), byAddr: map[place]*named{},
		byResource: map[uint64]*described{}, bySender: map[sender]*named{}, byPod: map[sender]*named{}, byName: map[called]*named{}, stored: map[uint64]struct{}{}}
}

// Tag fills Entity, ClientEntity and ServerEntity of every row, and Service of SYS rows
// that have none. It returns the entities the rows refer to and the store is not known to
// have: store them before the batch, then call Stored.
//
//   - Entity is the pod whose process (SYS) or code (APP) the span is; NET spans are seen by
//     the node and have none. A SYS span whose OTel resource has the pod's uid, which the agent
//     read from its control group, is that pod's, whatever address it shares with others.
//   - Addresses mean what they meant when the span began, in the cluster of its node.
//   - Of an APP span whose address the source does not know, or that has none, Entity is what
//     its OTel resource says. Where the source knows the address as somebody else's, who
//     passed the span on, the address goes.
//   - Any other address that the source does not know becomes an "external" entity; that of a server
//     has the name as its service by which the client asked DNS for it.
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
		clear(t.byPod)
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
	var last place // neighbours in a batch share addresses
	var lastFound *named
	lookup := func(p place, at int64) *named {
		if p != last || lastFound != nil && !lastFound.holds(at) {
			last, lastFound = p, use(t.entity(p, at))
		}
		return lastFound
	}
	scopes := scopes{source: t.source, batch: b}
	t.names.hear(b, &scopes)
	senders := senders{tagger: t, batch: b}
	for i := range rows {
		var own, shared *named // shared: who has the address that own shares with others
		scope, at := scopes.of(i), b.Start[i]
		switch b.Source[i] {
		case span.APP:
			if own = senders.of(i, scope, use); senders.passedOn {
				forgetAddress(b, i)
			}
		case span.SYS:
			here := lookup(place{ip: b.PodIP[i], scope: scope}, at)
			if own = use(t.processOf(b.OTelResource[i], scope, at)); own == nil {
				own = here
			} else if here != nil && here.Type == "node" {
				shared = here
			}
		}
		end := func(p place, ofPoint span.Point) *named {
			if shared != nil && b.Point[i] != ofPoint && loopback(p.ip) {
				return shared // somebody on the node
			}
			if shared != nil && b.Point[i] != ofPoint {
				return lookup(p, at)
			}
			if own != nil && p.ip != ([16]byte{}) && (loopback(p.ip) || p.ip == b.PodIP[i]) {
				return own
			}
			return lookup(p, at)
		}
		client := end(place{ip: b.ClientIP[i], scope: scope}, span.PointClientProcess)
		server := end(place{ip: b.ServerIP[i], scope: scope, port: b.ServerPort[i], transport: b.Transport[i]}, span.PointServerProcess)
		if server != nil && !server.known {
			if name := t.names.called(b, i, scope, client); name != "" {
				server = use(t.external(called{b.ServerIP[i], name}))
			}
		}
		b.Entity[i], b.ClientEntity[i], b.ServerEntity[i] = id(own), id(client), id(server)
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

// entity is who had an address at a time, nil for none; t.mu is held.
func (t *Tagger) entity(p place, at int64) *named {
	if p.ip == ([16]byte{}) {
		return nil
	}
	if e, ok := t.byAddr[p]; ok && e.holds(at) {
		return e
	}
	if len(t.byAddr) >= maxAddresses {
		clear(t.byAddr)
	}
	addr := span.From16(p.ip)
	a := t.source.Lookup(Question{Addr: addr, Port: p.port, Transport: p.transport, Scope: p.scope, At: at})
	e := &named{Entity: a.Entity, known: a.Known, from: a.From, until: a.Until}
	if !e.known {
		e.Entity = span.Entity{Type: span.External, IP: addr.String()}
	}
	if e.ID == 0 {
		e.ID = span.EntityID(&e.Entity)
	}
	t.byAddr[p] = e
	return e
}

// external is who is asked by a name at an address; t.mu is held.
func (t *Tagger) external(c called) *named {
	if e := t.byName[c]; e != nil {
		return e
	}
	if len(t.byName) >= maxAddresses {
		clear(t.byName)
	}
	e := &named{Entity: span.Entity{Type: span.External, Service: c.name, IP: span.From16(c.ip).String()}}
	e.ID = span.EntityID(&e.Entity)
	t.byName[c] = e
	return e
}

func (n *named) holds(at int64) bool { return n.from <= at && at < n.until }

// scopes are those of a batch's rows: neighbours share them.
type scopes struct {
	source Source
	batch  *span.Batch
	known  bool
	node   span.Ref
	scope  Scope
}

func (s *scopes) of(i int) Scope {
	if n := s.batch.Node[i]; !s.known || n != s.node {
		s.known, s.node, s.scope = true, n, s.source.Scope(s.batch.Strings.String(n))
	}
	return s.scope
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
