package agent

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/throughline-io/throughline/agent/topology"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// watched are the addresses that the captures look at, and since when. The server wants to
// know: a hop is missing only where somebody looked.
type watched struct {
	mu      sync.Mutex
	since   map[watch]int64 // Unix ns
	changes int
}

// watch is that one source looks at an address.
type watch struct {
	source  span.Source
	address netip.Addr
}

// note finds out what the captures look at, of what the node has.
func (s *sources) note(node *topology.Node, now time.Time) {
	var all []watch
	add := func(source span.Source, addresses []netip.Addr) {
		for _, a := range addresses {
			all = append(all, watch{source, a})
		}
	}
	for _, p := range node.Pods {
		if s.sys != nil && s.sys.Watches(p.Inode) {
			add(span.SYS, p.IPs)
		}
		if s.net != nil && s.net.Watches(p.Index) {
			add(span.NET, p.IPs)
		}
	}
	for _, p := range node.Apart {
		if s.sys != nil && s.sys.Watches(p.Inode) {
			add(span.SYS, p.IPs)
		}
	}
	for _, nic := range node.NICs {
		if s.sys != nil && s.sys.Watches(node.Inode) {
			add(span.SYS, nic.Addrs)
		}
		if s.net != nil && s.net.Watches(nic.Index) {
			add(span.NET, nic.Addrs)
		}
	}
	s.watched.set(all, now.UnixNano())
}

// set replaces what is looked at; what was looked at before goes on since then.
func (w *watched) set(all []watch, now int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := make(map[watch]int64, len(all))
	for _, one := range all {
		since, known := w.since[one]
		if !known {
			since = now
		}
		next[one] = since
	}
	if !maps.Equal(next, w.since) {
		w.changes++
	}
	w.since = next
}

// report is what is looked at as the server takes it, and how often it has changed.
func (w *watched) report() (all []*wire.Watched, changes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	type key struct {
		source span.Source
		since  int64
	}
	groups := map[key]*wire.Watched{}
	for _, one := range slices.SortedFunc(maps.Keys(w.since), func(x, y watch) int {
		return cmp.Or(cmp.Compare(x.source, y.source), x.address.Compare(y.address))
	}) {
		k := key{one.source, w.since[one]}
		g := groups[k]
		if g == nil {
			g = &wire.Watched{Source: one.source.String(), Since: k.since}
			groups[k] = g
			all = append(all, g)
		}
		ip := one.address.As16()
		g.Addresses = append(g.Addresses, ip[:]...)
	}
	return all, w.changes
}
