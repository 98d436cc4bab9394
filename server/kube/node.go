package kube

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// node is what is kept of a node.
type node struct {
	object
	ips    []netip.Addr
	labels map[string]string
}

func nodeOf(n *corev1.Node, k *Keys) *node {
	out := &node{object: objectOf(&n.ObjectMeta), labels: chosen(n.Labels, k.Labels, "k8s.node.label.", nil)}
	var texts []string
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP {
			texts = append(texts, a.Address)
		}
	}
	out.ips = addresses(texts...)
	return out
}

// setNode takes a node as it is now.
func (d *directory) setNode(n *node) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.nodes[n.name]
	if o != nil && o.uid != n.uid && o.restored {
		d.endBetween(o) // it was made anew under its name
	}
	if o == nil || o.uid != n.uid {
		o = &owner{uid: n.uid}
		d.nodes[n.name] = o
	}
	if o.gone != 0 {
		return
	}
	o.restored = false
	e := span.Entity{Type: "node", Node: n.name, Cluster: d.cluster, Labels: n.labels}
	if len(n.ips) > 0 {
		e.IP = n.ips[0].String()
	}
	e.ID = span.EntityID(&e)
	if e.ID == o.entity.ID && slices.Equal(o.addresses, n.ips) {
		return // it tells every few seconds that it is there
	}
	o.entity = e
	d.hold(o, n.ips, n.created)
	d.changed()
}

// endNode takes that a node is gone.
func (d *directory) endNode(n *node) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.nodes[n.name]; o != nil && o.uid == n.uid && o.gone == 0 {
		d.end(o)
		d.hold(o, nil, n.created)
		d.changed()
	}
}

// hold gives a node or a service the addresses it has now, and ends its tenancies of others. They
// are made and gone by words to the API server, whose seconds are as good as ours. d.mu is held.
func (d *directory) hold(o *owner, ips []netip.Addr, created int64) {
	now := d.now().UnixNano()
	for _, a := range o.addresses {
		if t := d.addresses[a].find(o); t != nil && t.may.until == open && !slices.Contains(ips, a) {
			t.may.until, t.sure.until = now, now
			*t = t.ordered()
		}
	}
	for _, a := range ips {
		if t := d.addresses[a].find(o); t == nil || t.may.until != open {
			d.setAddress(a, tenancy{owner: o, may: interval{created, open}, sure: interval{created, open}})
		}
	}
}
