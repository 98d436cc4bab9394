package tracetest

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// pod is one of the WebShop's pods.
type pod struct {
	name string
	node string
	ip   netip.Addr
	port uint16
	pid  uint32
	comm string
	veth string
}

func newPod(name, node, ip string, port uint16, pid uint32, comm string) *pod {
	return &pod{name, node, netip.MustParseAddr(ip), port, pid, comm, "cali" + name}
}

var pods = map[string]*pod{
	"web-shop":      newPod("web-shop", "node0", "10.244.1.10", 8080, 4101, "web-shop"),
	"loadgenerator": newPod("loadgenerator", "node1", "10.244.2.10", 0, 4201, "hey"),
	"svc-user":      newPod("svc-user", "node1", "10.244.2.11", 8080, 4202, "svc-user"),
	"svc-item":      newPod("svc-item", "node1", "10.244.2.12", 8080, 4203, "svc-item"),
	"svc-order":     newPod("svc-order", "node2", "10.244.3.10", 8080, 4301, "svc-order"),
	"svc-stock":     newPod("svc-stock", "node2", "10.244.3.11", 8080, 4302, "svc-stock"),
	"db-demo":       newPod("db-demo", "node2", "10.244.3.12", 3306, 4303, "mariadbd"),
}

// podNames are in order of address.
var podNames = []string{"web-shop", "loadgenerator", "svc-user", "svc-item", "svc-order", "svc-stock", "db-demo"}

func (p *pod) entity() *span.Entity {
	e := &span.Entity{
		Type: "pod", Service: p.name, Pod: p.name, Workload: p.name, WorkloadKind: "Deployment",
		Namespace: "webshop", Node: p.node, IP: p.ip.String(),
	}
	e.ID = span.EntityID(e)
	return e
}

// WebShopEntities are the entities of the WebShop's pods, one for each.
func WebShopEntities() []span.Entity {
	list := make([]span.Entity, 0, len(podNames))
	for _, name := range podNames {
		list = append(list, *pods[name].entity())
	}
	return list
}

// Entity looks up one of WebShopEntities, as trace.Print wants it.
func Entity(id uint64) *span.Entity { return entities[id] }

var entities = func() map[uint64]*span.Entity {
	m := make(map[uint64]*span.Entity)
	for _, e := range WebShopEntities() {
		m[e.ID] = &e
	}
	return m
}()
