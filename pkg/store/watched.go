package store

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// Watch is that an agent looked at an address.
type Watch struct {
	Address netip.Addr  // of a pod, or of the node itself
	Source  span.Source // SYS: at the system calls of its processes; NET: at its packets
	Node    string
	Agent   string
	// Since is when it began, Until the last report that it goes on: Unix ns by the clock of
	// Node.
	Since, Until int64
}

// An agent that died is still somebody who looked: what it would have seen is missing. It is
// taken to look for a while after its last report; and for a moment before it says so.
const (
	watchedAfter  = 15 * int64(time.Minute)
	watchedBefore = int64(time.Minute)
)

// PutWatched stores what agents report. A report that is stored again is one.
func (s *Store) PutWatched(ctx context.Context, all []Watch) error {
	if len(all) == 0 {
		return nil
	}
	addresses := make([]byte, 0, 16*len(all))
	sources, seen := make([]uint8, len(all)), make([]uint32, len(all))
	since, until := make([]uint64, len(all)), make([]uint64, len(all))
	now := uint32(time.Now().Unix())
	for i, w := range all {
		ip := w.Address.As16()
		addresses = append(addresses, ip[:]...)
		sources[i], since[i], until[i], seen[i] = uint8(w.Source), uint64(w.Since), uint64(w.Until), now
	}
	defer s.Reporting(all)()
	err := s.send(ctx, new(block), "watched", "", func(b *block) {
		b.reset(7, len(all))
		b.fixed("address", "IPv6", addresses)
		b.fixed("source", "UInt8", memory(sources))
		b.fixed("since", "Int64", memory(since))
		b.fixed("until", "Int64", memory(until))
		b.fixed("seen", "DateTime", memory(seen))
		for _, c := range []struct {
			name string
			at   func(*Watch) string
		}{{"node", func(w *Watch) string { return w.Node }}, {"agent", func(w *Watch) string { return w.Agent }}} {
			b.header(c.name, "String")
			for i := range all {
				b.string(c.at(&all[i]))
			}
		}
	})
	if err != nil {
		return fmt.Errorf("insert %d watched addresses: %w", len(all), err)
	}
	return nil
}

// Reporting says that reports are about to be stored, be it by another Store, and returns what to call
// when they are: until then nothing is kept of who looked, and afterwards nothing of what was read
// before. An address without an entry counts as one that nobody looked at, so that a first report of one
// would not be seen for half a minute otherwise.
func (s *Store) Reporting(all []Watch) (stored func()) {
	c := &s.watches
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.news(all) {
		return func() {}
	}
	c.reporting++
	c.forget(all)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.reporting--
		c.forget(all)
	}
}

// Watched says who looked at the pods of a trace, by address. Nil is not known: the store is
// of a time before agents said so.
type Watched map[netip.Addr][]Watch

// At reports whether an agent looked at the system calls and at the packets of an address
// about a time (Unix ns). Where the node is known the agent must be of that node: networks
// that know nothing of one another use the same addresses. An address that is not known
// nobody looked at.
func (w Watched) At(address netip.Addr, node string, at int64) (sys, net bool) {
	for _, one := range w[address.Unmap()] {
		if node != "" && one.Node != node || at < one.Since-watchedBefore || at > one.Until+watchedAfter {
			continue
		}
		sys, net = sys || one.Source == span.SYS, net || one.Source == span.NET
	}
	return sys, net
}

// Who looked at some addresses, or at all: of few pods all are read at once, so that only the first
// trace of a time costs a statement.
const (
	watchedColumns = "SELECT address, source, CAST(node, 'String') AS node, since, max(watched.until) AS last FROM watched WHERE since <= {to:Int64} AND until >= {from:Int64}"
	watchedGroups  = " GROUP BY address, source, node, since"
	watchedOf      = watchedColumns + " AND address IN {addresses:Array(IPv6)}" + watchedGroups
	watchedAll     = watchedColumns + watchedGroups + " LIMIT {limit:UInt64}"
)

// allWatched is up to how many rows all that was looked at is read.
const allWatched = 2_000

// watched reads who looked at the addresses of spans; n is the number of statements.
func (s *Store) watched(ctx context.Context, spans []*span.Span) (w Watched, n int, err error) {
	addresses, from, to := addressesOf(spans)
	w = make(Watched, len(addresses))
	if len(addresses) == 0 {
		return w, 0, nil
	}
	now := time.Now().UnixNano()
	from, to = s.watches.round(from-watchedAfter), s.watches.round(to+watchedBefore)+watchedRound
	missing := s.watches.get(addresses, from, to, now, w)
	if len(missing) > 0 && s.watches.mayReadAll(now) {
		n++
		read, rows, err := s.readWatched(ctx, watchedAll, params{"limit": fmt.Sprint(allWatched + 1)}, from, to)
		if code(err) == noSuchTable { // the server that brings it has not run yet
			return nil, n, nil
		}
		if err != nil {
			return nil, n, fmt.Errorf("read who looked at what: %w", err)
		}
		if s.watches.putAll(read, rows <= allWatched, from, to, now) {
			missing = s.watches.get(addresses, from, to, now, w)
		}
	}
	for part := range slices.Chunk(missing, placesAtOnce) {
		n++
		read, _, err := s.readWatched(ctx, watchedOf, params{"addresses": formatAddresses(part)}, from, to)
		if code(err) == noSuchTable {
			return nil, n, nil
		}
		if err != nil {
			return nil, n, fmt.Errorf("read who looked at %d addresses: %w", len(part), err)
		}
		maps.Copy(w, read)
		s.watches.put(part, from, to, now, read)
	}
	return w, n, nil
}

// readWatched also says how many rows there were.
func (s *Store) readWatched(ctx context.Context, sql string, p params, from, to int64) (found map[netip.Addr][]Watch, n int, err error) {
	var address numbers[[16]byte]
	var source numbers[span.Source]
	var node texts
	var since, last numbers[int64]
	columns := []resultColumn{{"address", &address}, {"source", &source}, {"node", &node}, {"since", &since}, {"last", &last}}
	p["from"], p["to"] = fmt.Sprint(from), fmt.Sprint(to)
	found = map[netip.Addr][]Watch{}
	err = s.read(ctx, sql, p, fastRead, columns, func(rows int) error {
		n += rows
		for i := range rows {
			ip := span.From16(address.at(i))
			found[ip] = append(found[ip], Watch{Address: ip, Source: source.at(i), Node: strings.Clone(node.at(i)), Since: since.at(i), Until: last.at(i)})
		}
		return nil
	})
	return found, n, err
}

// addressesOf are the addresses of spans that tell one pod from another, and the time of the
// spans.
func addressesOf(spans []*span.Span) (all []netip.Addr, from, to int64) {
	known := map[netip.Addr]bool{}
	for i, s := range spans {
		if i == 0 || s.Start < from {
			from = s.Start
		}
		to = max(to, s.Start)
		for _, a := range [...]netip.Addr{s.PodIP, s.Client.Addr(), s.Server.Addr()} {
			if a = a.Unmap(); a.IsValid() && !a.IsLoopback() && !a.IsUnspecified() && !known[a] {
				known[a] = true
				all = append(all, a)
			}
		}
	}
	return all, from, to
}

func formatAddresses(all []netip.Addr) string {
	b := []byte{'['}
	for i, a := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\'')
		b = netip.AddrFrom16(a.As16()).AppendTo(b)
		b = append(b, '\'')
	}
	return string(append(b, ']'))
}

// watchCache remembers who looked at an address. What agents say of a time does not change
// once they have long said it; of the present it is asked again every half minute.
type watchCache struct {
	mu   sync.Mutex
	byIP map[netip.Addr]watchRead
	all  watchRead // the last time of which all addresses were read; those without an entry nobody looked at
	many int64     // when that were too many

	reporting int // reports that are being stored: nothing is kept
}

type watchRead struct {
	from, to, read int64
	watches        []Watch
}

const (
	maxWatched   = 50_000 // addresses kept
	watchedRound = int64(time.Hour)
	watchedFresh = int64(30 * time.Second)
	watchedMany  = int64(10 * time.Minute) // for how long too many stay too many
)

// knows reports whether what was read is of this time, and still so.
func (r watchRead) knows(from, to, now int64) bool {
	settled := r.to+watchedAfter < r.read
	return from >= r.from && to <= r.to && (settled || now-r.read <= watchedFresh)
}

// news reports whether a report says what was not known. c.mu is held.
func (c *watchCache) news(all []Watch) bool {
	return slices.ContainsFunc(all, func(w Watch) bool {
		return !slices.ContainsFunc(c.byIP[w.Address.Unmap()].watches, func(k Watch) bool {
			return k.Source == w.Source && k.Node == w.Node && k.Since == w.Since
		})
	})
}

// forget forgets what is known of addresses, and that of others nobody looked at them. c.mu is held.
func (c *watchCache) forget(of []Watch) {
	c.all = watchRead{}
	for _, w := range of {
		delete(c.byIP, w.Address.Unmap())
	}
}

// round is the start of the hour: traces of about the same time share what was read.
func (*watchCache) round(at int64) int64 { return at / watchedRound * watchedRound }

// get fills found with what is known and returns the addresses to ask for.
func (c *watchCache) get(addresses []netip.Addr, from, to, now int64, found map[netip.Addr][]Watch) (missing []netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reporting > 0 {
		return addresses
	}
	for _, a := range addresses {
		r, ok := c.byIP[a]
		if !ok {
			r = c.all
		}
		if !r.knows(from, to, now) {
			missing = append(missing, a)
			continue
		}
		if len(r.watches) > 0 {
			found[a] = r.watches
		}
	}
	return missing
}

// mayReadAll reports whether all addresses together may be few.
func (c *watchCache) mayReadAll(now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.many == 0 || now-c.many > watchedMany
}

// putAll keeps what was read of all addresses, if that is whole; it reports whether it is.
func (c *watchCache) putAll(read map[netip.Addr][]Watch, whole bool, from, to, now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !whole {
		c.many = now
		return false
	}
	if c.reporting > 0 {
		return false
	}
	c.all, c.byIP = watchRead{from, to, now, nil}, make(map[netip.Addr]watchRead, len(read))
	for a, watches := range read {
		c.byIP[a] = watchRead{from, to, now, watches}
	}
	return true
}

func (c *watchCache) put(addresses []netip.Addr, from, to, now int64, read map[netip.Addr][]Watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reporting > 0 {
		return
	}
	if c.byIP == nil || len(c.byIP)+len(addresses) > maxWatched {
		c.byIP = make(map[netip.Addr]watchRead, len(addresses))
	}
	for _, a := range addresses {
		c.byIP[a] = watchRead{from, to, now, read[a]}
	}
}
