package trace

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// lookouts say where hops were looked for, so that only those count as missing. What the
// trace itself shows comes first: whoever saw one hop at a pod or on a node looked there.
type lookouts struct {
	sys, net []bool          // by host
	sysOn    map[string]bool // by node
	netOn    map[string]bool
	watched  Watched
}

func (a *assembly) findLookouts(watched Watched) {
	hosts := len(a.hosts.union)
	l := lookouts{sys: make([]bool, hosts), net: make([]bool, hosts), sysOn: map[string]bool{}, netOn: map[string]bool{}, watched: watched}
	for i, s := range a.s {
		host := none
		switch s.Source {
		case span.SYS:
			if host = a.host[i]; host != none {
				l.sys[host] = true
			}
			l.sysOn[s.Node] = true
		case span.NET:
			switch s.Point {
			case span.PointClient:
				host = a.hostAt(s.Client.Addr(), s.ClientEntity)
			case span.PointServer:
				host = a.hostAt(s.Server.Addr(), s.ServerEntity)
			}
			if host != none {
				l.net[host] = true
			}
			l.netOn[s.Node] = true
		}
	}
	a.lookouts = l
}

// site is one end of a link: a pod on a node.
type site struct {
	host int32
	pod  netip.Addr
	node string
	at   int64
}

// looked reports whether system calls, or packets, were looked at there. Without reports of
// agents, an agent that shows up in the trace is taken to look at all of its node.
func (l *lookouts) looked(p site) (sys, net bool) {
	if p.host != none {
		sys, net = l.sys[p.host], l.net[p.host]
	}
	if l.watched == nil {
		return sys || l.sysOn[p.node], net || l.netOn[p.node]
	}
	s, n := l.watched(p.pod, p.node, p.at)
	return sys || s, net || n
}

// watches reports whether the hop at a point was looked for, of a session from one place to
// another.
func (l *lookouts) watches(point span.Point, client, server site) bool {
	end := client
	if point.Server() {
		end = server
	}
	sys, net := l.looked(end)
	if point == span.PointClientProcess || point == span.PointServerProcess {
		return sys
	}
	return net
}
