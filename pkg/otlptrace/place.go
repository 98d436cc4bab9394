package otlptrace

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// Place says who saw a span, and who its two ends are, in words.
type Place struct {
	Service, Pod, OfPod, Namespace string
	Client, Server                 string
}

// PlaceOf looks up who it is.
func PlaceOf(s *span.Span, entity func(id uint64) *span.Entity) Place {
	self, client, server := entity(s.Entity), entity(s.ClientEntity), entity(s.ServerEntity)
	p := Place{Service: s.Service, Client: endName(client, s.Client), Server: endName(server, s.Server)}
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
			p.Namespace = of.Namespace
			if s.InterfaceType == "veth" {
				p.OfPod = of.Pod
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
			p.Pod, p.Namespace = self.Pod, self.Namespace
			if p.Service == "" {
				p.Service = self.Service
			}
		}
		if p.Service == "" && s.Source == span.SYS {
			p.Service = s.Comm // who is not tagged still has a name
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
