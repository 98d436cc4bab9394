package kube

import (
	"net/netip"
	"slices"
)

// setPod takes a pod as it is now. seen is when it was seen to change, 0 where it was as it is
// before we looked.
func (d *directory) setPod(p *pod, seen int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.pods[p.uid]
	if o == nil {
		o = &owner{uid: p.uid}
		d.pods[p.uid] = o
		name := podName{p.namespace, p.name}
		d.names[name] = append(d.names[name], o)
	}
	if o.gone != 0 {
		return // a late word about who is gone
	}
	before := o.pod
	o.pod, o.restored = p, false
	d.describe(o)
	if p.hostNetwork {
		return // the address is its node's
	}
	if before != nil {
		for _, a := range before.ips {
			if !slices.Contains(p.ips, a) { // it was given another one, after its node was started again
				d.leave(o, a, seen)
			}
		}
	}
	for _, a := range p.ips {
		d.setAddress(a, d.tenancyOf(o, a, seen))
	}
	d.changed()
}

// describe makes a pod's entity, again; d.mu is held.
func (d *directory) describe(o *owner) {
	e, certain := d.podEntity(o.pod)
	if e.ID != o.entity.ID {
		o.entity = e
		d.changed()
	}
	if uid := o.pod.controller.uid; !certain && uid != "" && o.gone == 0 {
		if d.orphans[uid] == nil {
			d.orphans[uid] = map[*owner]struct{}{}
		}
		d.orphans[uid][o] = struct{}{}
	} else {
		d.adopt(o)
	}
}

// adopt notes that a pod's controller need not be waited for; d.mu is held.
func (d *directory) adopt(o *owner) {
	uid := o.pod.controller.uid
	if all := d.orphans[uid]; all != nil {
		delete(all, o)
		if len(all) == 0 {
			delete(d.orphans, uid)
		}
	}
}

// tenancyOf is when a living pod had an address; d.mu is held.
func (d *directory) tenancyOf(o *owner, a netip.Addr, seen int64) tenancy {
	l := o.pod.life
	t := tenancy{owner: o, may: interval{l.began, open}, sure: interval{open, open}}
	if t.may.from == 0 {
		t.may.from = o.pod.created
	}
	if old := d.addresses[a].find(o); old != nil {
		t.may.from = old.may.from
		t.sure.from = old.sure.from // a container that was started again says nothing new
	} else if seen != 0 && len(o.addresses) > 0 {
		t.may.from = max(t.may.from, l.up) // it had another one until then
	}
	if l.up != 0 {
		t.sure.from = min(t.sure.from, l.up+second)
	}
	if seen != 0 {
		t.sure.from = min(t.sure.from, seen) // we see it after it is so
	}
	if l.finished != 0 {
		t.sure.until, t.may.until = l.finished, l.finished+second
	}
	return t.ordered()
}

// ordered is a tenancy of which what is sure lies in what may be.
func (t tenancy) ordered() tenancy {
	t.may.until = max(t.may.until, t.may.from)
	t.sure.from = max(min(t.sure.from, t.may.until), t.may.from)
	t.sure.until = max(min(t.sure.until, t.may.until), t.sure.from)
	return t
}

// leave ends a pod's tenancy of an address that it was seen not to have any more; d.mu is held.
func (d *directory) leave(o *owner, a netip.Addr, seen int64) {
	t := d.addresses[a].find(o)
	if t == nil || t.may.until != open {
		return
	}
	if seen == 0 {
		seen = d.now().UnixNano()
	}
	t.may.until = seen
	t.sure.until = t.sure.from
	if o.pod.life.began != 0 {
		t.sure.until = o.pod.life.began
	}
	*t = t.ordered()
}

// endPod takes that a pod is gone. It was there at known; between then and now nobody looked, where
// that is before now.
func (d *directory) endPod(p *pod, known int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.pods[p.uid]
	if o == nil || o.gone != 0 {
		return
	}
	o.pod, o.restored = p, false
	d.end(o)
	d.adopt(o)
	for _, a := range o.addresses {
		t := d.addresses[a].find(o)
		if t == nil || t.may.until != open {
			continue // it had ended, or had another one, before
		}
		t.may.until, t.sure.until = o.gone, known
		switch l := p.life; {
		case l.finished != 0:
			t.sure.until, t.may.until = l.finished, l.finished+second
		case l.asked != 0:
			t.sure.until = min(known, l.asked)
		}
		*t = t.ordered()
	}
	d.changed()
}

// setMaker takes who made a ReplicaSet or a Job; none: it was made by nobody.
func (d *directory) setMaker(uid string, c controller) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.makers[uid] = c
	for o := range d.orphans[uid] {
		d.describe(o)
	}
}

// endMaker takes that a ReplicaSet or a Job is gone. Its pods keep what they are.
func (d *directory) endMaker(uid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.makers, uid)
}

// setNamespace takes the labels of a namespace.
func (d *directory) setNamespace(name string, labels map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(labels) == 0 && len(d.namespaces[name]) == 0 {
		return
	}
	if d.namespaces[name] = labels; len(labels) == 0 {
		delete(d.namespaces, name)
	}
	for _, o := range d.pods {
		if o.pod.namespace == name && o.gone == 0 && !o.restored {
			d.describe(o)
		}
	}
}
