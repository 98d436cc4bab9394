package plugin

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// place says who saw a span, and who its two ends are, in words.
type place struct {
	service, pod, ofPod, namespace string
	client, server                 string
}

func (t *assembled) place(s *span.Span) place {
	self, client, server := t.entity(s.Entity), t.entity(s.ClientEntity), t.entity(s.ServerEntity)
	p := place{service: s.Service, client: endName(client, s.Client), server: endName(server, s.Server)}
	switch s.Source {
	case span.NET:
		// A packet is seen on the node, so it has no pod; the node's end of a veth pair
		// belongs to the pod at that end.
		var of *span.Entity
		switch s.Point {
		case span.PointClient, span.PointClientNode:
			of = client
		case span.PointServer, span.PointServerNode:
			of = server
		}
		if of != nil {
			p.namespace = of.Namespace
			if s.InterfaceType == "veth" {
				p.ofPod = of.Pod
			}
		}
	default:
		if self == nil { // not tagged: the end at which the process sits
			switch s.Point {
			case span.PointClientProcess, span.PointClientApp:
				self = client
			case span.PointServerProcess, span.PointServerApp:
				self = server
			}
		}
		if self != nil {
			p.pod, p.namespace = self.Pod, self.Namespace
			if p.service == "" {
				p.service = self.Service
			}
		}
		if p.service == "" && s.Source == span.SYS {
			p.service = s.Comm // who is not tagged still has a name
		}
	}
	return p
}

// endName is the shortest name that tells who an end is: service, pod, process or address.
func endName(e *span.Entity, address netip.AddrPort) string {
	if e != nil {
		for _, name := range []string{e.Service, e.Pod, e.Workload, e.Process, e.IP} {
			if name != "" {
				return name
			}
		}
	}
	if address.Addr().IsValid() {
		return address.Addr().String()
	}
	return ""
}
