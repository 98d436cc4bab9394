package kube

import (
	"net/netip"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/server/tag"
)

// ofReplicaSet is how Deployments name what they make, by a hash of the template.
var ofReplicaSet = regexp.MustCompile(`^(.+)-[bcdf-hj-np-tv-xz2456789]{5,10}$`)

// directory is what is known of one cluster. It is safe for concurrent use.
type directory struct {
	cluster string
	keep    time.Duration // how long who is gone is remembered
	now     func() time.Time
	version atomic.Uint64

	mu         sync.RWMutex
	addresses  map[netip.Addr]tenancies
	ports      map[nodePort]tenancies
	pods       map[string]*owner             // by uid
	names      map[podName][]*owner          // pods
	nodes      map[string]*owner             // by name
	services   map[string]*service           // by uid
	named      map[podName]*service          // services that are there
	slices     map[podName]map[string]*slice // endpoint slices by service and name
	namespaces map[string]map[string]string
	makers     map[string]controller          // controllers of ReplicaSets and Jobs, by uid; none: they are their own
	orphans    map[string]map[*owner]struct{} // pods whose controller is not known yet, by its uid
	ended      []*owner                       // who is gone, in that order
	forgotten  uint64                         // who was dropped before its time
	restoredAt int64                          // until when all was seen, when the server ran before
}

type podName struct{ namespace, name string }

// nodePort is a port that all nodes have for a service.
type nodePort struct {
	port      uint16
	transport uint8
}

// What is remembered of those that are gone at most, and of one address.
const (
	maxEnded   = 200_000
	maxTenants = 64
)

func newDirectory(cluster string, keep time.Duration, now func() time.Time) *directory {
	return &directory{
		cluster: cluster, keep: keep, now: now,
		addresses: map[netip.Addr]tenancies{}, ports: map[nodePort]tenancies{}, pods: map[string]*owner{}, names: map[podName][]*owner{},
		nodes: map[string]*owner{}, services: map[string]*service{}, named: map[podName]*service{}, slices: map[podName]map[string]*slice{},
		namespaces: map[string]map[string]string{}, makers: map[string]controller{}, orphans: map[string]map[*owner]struct{}{},
	}
}

// lookup answers tag.Source.Lookup for this cluster.
func (d *directory) lookup(q tag.Question) tag.Answer {
	d.mu.RLock()
	defer d.mu.RUnlock()
	who, same := d.addresses[q.Addr.Unmap().WithZone("")].at(q.At)
	if q.Port != 0 && (who != nil && who.entity.Type == "node") {
		transport := q.Transport
		if transport == 0 {
			transport = tcp
		}
		if s, also := d.ports[nodePort{q.Port, transport}].at(q.At); len(d.ports) > 0 {
			same.from, same.until = max(same.from, also.from), min(same.until, also.until)
			if s != nil {
				who = s
			}
		}
	}
	if who == nil {
		return tag.Answer{From: same.from, Until: same.until}
	}
	return tag.Answer{Entity: who.entity, Known: true, From: same.from, Until: same.until}
}

// podEntityOf answers tag.Source.Pod for this cluster.
func (d *directory) podEntityOf(name tag.PodName) (span.Entity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if o := d.podNamed(name); o != nil {
		return o.entity, true
	}
	return span.Entity{}, false
}

func (d *directory) podNamed(name tag.PodName) (found *owner) {
	if name.UID != "" {
		return d.pods[name.UID]
	}
	for _, o := range d.names[podName{name.Namespace, name.Name}] {
		if !o.livedAt(name.At) {
			continue
		}
		if found != nil {
			return nil
		}
		found = o
	}
	return found
}

// livedAt reports whether a pod may have been there at a moment.
func (o *owner) livedAt(at int64) bool {
	if f := o.pod.life.finished; f != 0 && at >= f+second {
		return false
	}
	return o.pod.created <= at && (o.gone == 0 || at < o.gone)
}

// hasNode reports whether a node is, or was a while ago, of this cluster.
func (d *directory) hasNode(name string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, ok := d.nodes[name]
	return ok
}

// changed says that answers may be other ones; d.mu is held.
func (d *directory) changed() { d.version.Add(1) }

// end notes that somebody is gone; d.mu is held.
func (d *directory) end(o *owner) {
	if o.gone == 0 {
		o.gone = d.now().UnixNano()
		d.ended = append(d.ended, o)
	}
}

// forget drops who is gone for longer than is kept, and the oldest where they are too many.
func (d *directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.now().Add(-d.keep).UnixNano()
	drop := 0
	for _, o := range d.ended {
		early := o.gone >= before
		if early && len(d.ended)-drop <= maxEnded {
			break
		}
		if early {
			d.forgotten++
		}
		d.drop(o)
		drop++
	}
	if drop > 0 {
		d.ended = append(d.ended[:0:0], d.ended[drop:]...)
		d.changed()
	}
}

// drop takes all that is known of one who is gone away; d.mu is held.
func (d *directory) drop(o *owner) {
	for _, a := range o.addresses {
		ts := d.addresses[a].without(o)
		if len(ts) == 0 {
			delete(d.addresses, a)
		} else {
			d.addresses[a] = ts
		}
	}
	for _, p := range o.ports {
		ts := d.ports[p].without(o)
		if len(ts) == 0 {
			delete(d.ports, p)
		} else {
			d.ports[p] = ts
		}
	}
	if o.pod == nil {
		if d.nodes[o.entity.Node] == o {
			delete(d.nodes, o.entity.Node)
		}
		return
	}
	delete(d.pods, o.pod.uid)
	name := podName{o.pod.namespace, o.pod.name}
	left := d.names[name][:0:0]
	for _, other := range d.names[name] {
		if other != o {
			left = append(left, other)
		}
	}
	if d.names[name] = left; len(left) == 0 {
		delete(d.names, name)
	}
	d.adopt(o)
}

// setAddress notes what is known of an owner's tenancy of an address; d.mu is held.
func (d *directory) setAddress(a netip.Addr, t tenancy) {
	if d.addresses[a].find(t.owner) == nil {
		t.owner.addresses = append(t.owner.addresses, a)
	}
	ts, _ := d.addresses[a].put(t).latest(maxTenants)
	d.addresses[a] = ts
}

// setPort is setAddress of a port of all nodes; d.mu is held.
func (d *directory) setPort(p nodePort, t tenancy) {
	if d.ports[p].find(t.owner) == nil {
		t.owner.ports = append(t.owner.ports, p)
	}
	ts, _ := d.ports[p].put(t).latest(maxTenants)
	d.ports[p] = ts
}
