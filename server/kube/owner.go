package kube

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// owner is who has addresses: a pod, a node or a service. It is kept as long as its tenancies are.
type owner struct {
	entity span.Entity
	pod    *pod   // as it was last; nil: it is none
	uid    string // as Kubernetes gave it
	gone   int64  // when that was seen; 0: it is there
	// it was there when the server ran before, and was not told of since
	restored bool
	// where it has, or had, tenancies
	addresses []netip.Addr
	ports     []nodePort
}

// workloadOf is what a pod is one of: its controller's controller, where that is known.
func (d *directory) workloadOf(p *pod) (name, kind string, certain bool) {
	c := p.controller
	switch c.kind {
	case "", "Node": // a static pod is of its node
		return "", "", true
	case "ReplicaSet", "Job":
		if above, ok := d.makers[c.uid]; ok {
			if above.name == "" {
				return c.name, c.kind, true
			}
			return above.name, above.kind, true
		}
		if c.kind == "ReplicaSet" {
			if m := ofReplicaSet.FindStringSubmatch(c.name); m != nil {
				return same(m[1]), "Deployment", false
			}
		}
		return c.name, c.kind, false
	}
	return c.name, c.kind, true
}

func (d *directory) podEntity(p *pod) (e span.Entity, certain bool) {
	e = span.Entity{Type: "pod", Pod: p.name, Namespace: p.namespace, Node: p.node, Cluster: d.cluster, Labels: p.labels}
	e.Workload, e.WorkloadKind, certain = d.workloadOf(p)
	for _, name := range [...]string{p.service, e.Workload, p.name} {
		if e.Service == "" {
			e.Service = name
		}
	}
	if labels := d.namespaces[p.namespace]; len(labels) > 0 {
		all := make(map[string]string, len(labels)+len(p.labels))
		for _, from := range [...]map[string]string{labels, p.labels} {
			for k, v := range from {
				all[k] = v
			}
		}
		e.Labels = all
	}
	if len(p.ips) > 0 {
		e.IP = p.ips[0].String()
	}
	e.ID = span.EntityID(&e)
	return e, certain
}
