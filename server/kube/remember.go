package kube

import (
	"cmp"
	"slices"
)

// remember is all that is known of who had which address.
func (d *directory) remember(at int64) *memory {
	d.mu.RLock()
	defer d.mu.RUnlock()
	m := &memory{At: at}
	add := func(o *owner, namespace, name string, created int64) {
		r := remembered{Entity: o.entity, UID: o.uid, Namespace: namespace, Name: name, Created: created, Gone: o.gone}
		for _, a := range o.addresses {
			if t := d.addresses[a].find(o); t != nil {
				h := heldAs(t)
				h.Addr = a
				r.Tenancies = append(r.Tenancies, h)
			}
		}
		for _, p := range o.ports {
			if t := d.ports[p].find(o); t != nil {
				h := heldAs(t)
				h.Port, h.Transport = p.port, p.transport
				r.Tenancies = append(r.Tenancies, h)
			}
		}
		if o.pod != nil {
			r.Asked, r.Finished = o.pod.life.asked, o.pod.life.finished
		}
		m.Owners = append(m.Owners, r)
	}
	for _, o := range d.pods {
		add(o, o.pod.namespace, o.pod.name, o.pod.created)
	}
	for name, o := range d.nodes {
		if o.gone == 0 {
			add(o, "", name, 0)
		}
	}
	for _, s := range d.services {
		add(s.owner, s.namespace, s.name, s.created)
	}
	for _, o := range d.ended {
		if o.pod == nil {
			add(o, o.entity.Namespace, cmp.Or(o.entity.Node, o.entity.Service), 0)
		}
	}
	return m
}

// restore takes what was remembered into a directory that nothing was told yet. Who was there then is taken to be there until settle.
func (d *directory) restore(m memory) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.restoredAt = m.At
	for i := range m.Owners {
		r := &m.Owners[i]
		o := &owner{entity: r.Entity, uid: r.UID, gone: r.Gone, restored: r.Gone == 0}
		of := object{namespace: same(r.Namespace), name: r.Name, uid: r.UID, created: r.Created}
		switch {
		case r.Entity.Type == "pod":
			o.pod = &pod{object: of, life: life{asked: r.Asked, finished: r.Finished}}
			for _, h := range r.Tenancies {
				o.pod.ips = append(o.pod.ips, h.Addr)
			}
			d.pods[r.UID] = o
			name := podName{of.namespace, of.name}
			d.names[name] = append(d.names[name], o)
		case r.Gone != 0:
		case r.Entity.Type == "node":
			d.nodes[r.Name] = o
		default:
			d.services[r.UID] = &service{object: of, owner: o}
		}
		for k := range r.Tenancies {
			h := &r.Tenancies[k]
			if h.Addr.IsValid() {
				d.setAddress(h.Addr, h.tenancy(o))
			} else {
				d.setPort(nodePort{h.Port, h.Transport}, h.tenancy(o))
			}
		}
		if o.gone != 0 {
			d.ended = append(d.ended, o)
		}
	}
	slices.SortFunc(d.ended, func(a, b *owner) int { return cmp.Compare(a.gone, b.gone) })
	d.changed()
}

// settle ends those who were restored and are not there any more, now that all who are were told: they went at some time after the
// moment until when all was seen.
func (d *directory) settle() {
	d.mu.Lock()
	at := d.restoredAt
	var pods []*pod
	var services []*service
	for _, o := range d.pods {
		if o.restored {
			pods = append(pods, o.pod)
		}
	}
	for _, o := range d.nodes {
		if o.restored {
			d.endBetween(o)
		}
	}
	for _, s := range d.services {
		if s.owner.restored {
			services = append(services, s)
		}
	}
	for _, s := range services {
		delete(d.services, s.uid)
		d.endBetween(s.owner)
	}
	d.mu.Unlock()
	for _, p := range pods {
		d.endPod(p, at)
	}
}

// endBetween ends a node or a service that was restored, and went since; d.mu is held.
func (d *directory) endBetween(o *owner) {
	o.restored = false
	d.end(o)
	end := func(t *tenancy) {
		if t != nil && t.may.until == open {
			t.may.until, t.sure.until = o.gone, d.restoredAt
			*t = t.ordered()
		}
	}
	for _, a := range o.addresses {
		end(d.addresses[a].find(o))
	}
	for _, p := range o.ports {
		end(d.ports[p].find(o))
	}
	d.changed()
}
