package trace

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// hostTable tells which spans come from the same pod (or, without pods, the same machine).
// A pod is known by its address, by its entity and by its processes; spans that share one
// of them are of one host.
type hostTable struct {
	ips       map[netip.Addr]int32
	entities  map[uint64]int32
	processes map[process]int32
	union     []int32
}

type process struct {
	node string
	pid  uint32
}

// usable is the address if it tells one pod from another: loopback and the like do not.
func usable(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if !a.IsValid() || a.IsLoopback() || a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}

func (h *hostTable) find(x int32) int32 {
	for h.union[x] != x {
		h.union[x] = h.union[h.union[x]]
		x = h.union[x]
	}
	return x
}

// join makes one host of two; none is no host.
func (h *hostTable) join(x, y int32) int32 {
	switch {
	case x == none:
		return y
	case y == none:
		return x
	}
	x, y = h.find(x), h.find(y)
	if x > y {
		x, y = y, x
	}
	h.union[y] = x
	return x
}

func hostOf[K comparable](h *hostTable, m map[K]int32, key K) int32 {
	id, ok := m[key]
	if !ok {
		id = int32(len(h.union))
		h.union = append(h.union, id)
		m[key] = id
	}
	return id
}

// findHosts gives every APP and SYS span its host, none where nothing is known.
func (a *assembly) findHosts() {
	h := &a.hosts
	h.ips, h.entities, h.processes = map[netip.Addr]int32{}, map[uint64]int32{}, map[process]int32{}
	a.host = make([]int32, len(a.s))
	placed := a.placedEntities()
	for i, s := range a.s {
		id := none
		if s.Source == span.APP || s.Source == span.SYS {
			if ip := usable(s.PodIP); ip.IsValid() {
				id = hostOf(h, h.ips, ip)
			}
			if placed[s.Entity] {
				id = h.join(id, hostOf(h, h.entities, s.Entity))
			}
			if s.Source == span.SYS && s.PID != 0 && s.Node != "" {
				id = h.join(id, hostOf(h, h.processes, process{s.Node, s.PID}))
			}
		}
		a.host[i] = id
	}
	for i, id := range a.host {
		if id != none {
			a.host[i] = h.find(id)
		}
	}
}

// placedEntities are those that an address is known of. Another one is what a resource says of
// itself: it is not told from a pod that is known by its address alone.
func (a *assembly) placedEntities() map[uint64]bool {
	placed := map[uint64]bool{}
	note := func(entity uint64, ip netip.Addr) {
		if entity != 0 && !placed[entity] && usable(ip).IsValid() {
			placed[entity] = true
		}
	}
	for _, s := range a.s {
		if s.Source != span.NET {
			note(s.Entity, s.PodIP)
		}
		note(s.ClientEntity, s.Client.Addr())
		note(s.ServerEntity, s.Server.Addr())
	}
	return placed
}

// hostAt is the host with the address or entity, none if no APP or SYS span of it is here.
func (a *assembly) hostAt(ip netip.Addr, entity uint64) int32 {
	if ip = usable(ip); ip.IsValid() {
		if id, ok := a.hosts.ips[ip]; ok {
			return a.hosts.find(id)
		}
	}
	if entity != 0 {
		if id, ok := a.hosts.entities[entity]; ok {
			return a.hosts.find(id)
		}
	}
	return none
}

// callerHost is where a chain's head says the request came from.
func (a *assembly) callerHost(head int32) int32 {
	s := a.s[head]
	if s.Point == span.PointClientProcess && a.host[head] != none {
		return a.host[head]
	}
	return a.hostAt(s.Client.Addr(), s.ClientEntity)
}

// calleeHost is where a chain's tail says the request went to. On the caller's side that
// may be the address of a service in front of the callee.
func (a *assembly) calleeHost(tail int32) int32 {
	s := a.s[tail]
	if s.Point == span.PointServerProcess && a.host[tail] != none {
		return a.host[tail]
	}
	return a.hostAt(s.Server.Addr(), s.ServerEntity)
}

// wentElsewhere reports whether a chain's tail was seen at another host than APP span i's.
func (a *assembly) wentElsewhere(tail, i int32) bool {
	s := a.s[tail]
	if !s.Point.Server() || a.host[i] == none {
		return false
	}
	if host := a.calleeHost(tail); host != none {
		return host != a.host[i]
	}
	own, server := usable(a.s[i].PodIP), usable(s.Server.Addr())
	return own.IsValid() && server.IsValid() && own != server
}

// sameProcess reports whether two SYS spans can be of one process.
func (a *assembly) sameProcess(x, y int32) bool {
	p, q := a.s[x], a.s[y]
	if p.Node != q.Node {
		return false
	}
	if p.PID != 0 && q.PID != 0 {
		return p.PID == q.PID
	}
	return a.host[x] != none && a.host[x] == a.host[y]
}
