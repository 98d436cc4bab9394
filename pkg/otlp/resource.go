package otlp

import (
	"bytes"
	"cmp"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/throughline-io/throughline/pkg/span"
)

// resource is what is known of an OTLP resource: who sends.
type resource struct {
	id      uint64
	service string
	pid     uint32
	pod     netip.Addr // of the resource, else of the connection
	stated  bool       // the resource states the pod's address
	node    string     // the node it says it is on; "": it does not say
	sure    bool       // of the node
	named   bool       // the resource names its pod or container, if not by address: the connection's peer may be someone else

	podUID, container string // by which it does
	row               span.Resource

	dropped  uint32 // attributes that the SDK left out
	entities []span.EntityRef
	raw      []byte
}

// Resources keeps the resources seen, by a hash of their bytes: an SDK sends the same
// bytes with every request.
type Resources struct {
	// Here reports whether an address is of the reader's own node or of a pod on it; nil: that
	// is not known.
	Here func(netip.Addr) bool
	// Pod is the address of the pod that has a uid, or a container with an id, where that is of the
	// reader's own node; nil: that is not known.
	Pod func(id string) netip.Addr
	// Aliases are further names of the reader's node, such as its host name.
	Aliases []string

	speakers speakers

	mu     sync.Mutex
	byHash map[uint64]*resource
	bytes  int
}

// maxResourceBytes bounds the cache. When it is full it begins anew: what is in use
// comes back with the next request.
const maxResourceBytes = 16 << 20

// get is the resource with these bytes; read makes it where it is not known.
func (c *Resources) get(raw []byte, read func() (*resource, error)) (*resource, error) {
	h := xxhash.Sum64(raw)
	c.mu.Lock()
	r := c.byHash[h]
	c.mu.Unlock()
	if r != nil && bytes.Equal(r.raw, raw) {
		return r, nil
	}
	r, err := read()
	if err != nil {
		return nil, err
	}
	r.raw = bytes.Clone(raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes += 2*len(raw) + 512; c.byHash == nil || c.bytes > maxResourceBytes {
		c.byHash, c.bytes = map[uint64]*resource{}, 2*len(raw)+512
	}
	c.byHash[h] = r
	return r, nil
}

// newResource finds out who sends: by app.host.ip, k8s.pod.ip, k8s.pod.uid, container.id,
// in this order; without one of them it is the peer of the connection.
func newResource(attributes []span.Attribute, dropped uint32, entities []span.EntityRef) *resource {
	if len(attributes) == 0 {
		return &resource{dropped: dropped, entities: entities}
	}
	r := &resource{dropped: dropped, entities: entities, id: span.ResourceID(attributes), row: span.Resource{Attributes: attributes}}
	r.row.ID = r.id
	r.node, r.sure = nodeName(attributes)
	var host, pod netip.Addr
	for _, a := range attributes {
		switch a.Key {
		case "service.name":
			r.service = a.Value
		case "process.pid":
			v := value{kind: valueString, text: []byte(a.Value)}
			if n, ok := v.integer(); ok && n > 0 && n < 1<<32 {
				r.pid = uint32(n)
			}
		case "app.host.ip":
			host = firstAddr(a.Value)
		case "k8s.pod.ip":
			pod = firstAddr(a.Value)
		case "k8s.pod.uid":
			r.podUID = a.Value
		case "container.id":
			r.container = a.Value
		}
	}
	if r.pod = host; !r.pod.IsValid() {
		r.pod = pod
	}
	r.stated = r.pod.IsValid()
	r.named = r.stated || r.podUID != "" || r.container != ""
	return r
}

// firstAddr reads an address, or the first of several: a pod may have one of IPv4 and one
// of IPv6.
func firstAddr(s string) netip.Addr {
	s, _, _ = strings.Cut(strings.Trim(s, `[]" `), ",")
	a, err := netip.ParseAddr(strings.Trim(s, `" `))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// sent is a resource as sent by a peer to a reader on a node. Who names its pod or container otherwise
// than by address (Node's instrumentation sends container.id by default) is whom the reader's node knows
// by that name; else the peer, where that is a pod of the node and speaks for itself alone.
func (c *Resources) sent(r *resource, peer netip.Addr, node string) resource {
	out := *r
	switch {
	case r.stated:
	case !r.named:
		if !peer.IsLoopback() {
			out.pod = peer
		}
	case r.sure && !sameHost(r.node, node): // what is known here is of another
	default:
		alone := !peer.IsLoopback() && c.speakers.alone(peer, cmp.Or(r.podUID, r.container), time.Now())
		if out.pod = c.find(r); !out.pod.IsValid() && alone && c.Here != nil && c.Here(peer) {
			out.pod = peer
		}
	}
	return out
}

// find is the pod of the reader's node that a resource names.
func (c *Resources) find(r *resource) netip.Addr {
	for _, id := range [...]string{r.container, r.podUID} {
		if id != "" && c.Pod != nil {
			if pod := c.Pod(id); pod.IsValid() {
				return pod
			}
		}
	}
	return netip.Addr{}
}

// speakers are peers, by the pod or container that they sent for last. One that sends for several is a
// collector.
type speakers struct {
	mu   sync.Mutex
	last map[netip.Addr]speaker
}

type speaker struct {
	name      string
	at        time.Time
	collector time.Time // when it sent for another than just before
}

const (
	maxSpeakers = 4096
	// A pod may get another container, and an address another pod; a collector sends for several at once.
	atOnce    = time.Minute
	collector = 10 * time.Minute
)

// alone reports whether a peer sends for one pod or container, as far as is known.
func (s *speakers) alone(peer netip.Addr, name string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || len(s.last) >= maxSpeakers {
		s.last = map[netip.Addr]speaker{}
	}
	before, known := s.last[peer]
	if known && before.name != name && now.Sub(before.at) < atOnce {
		before.collector = now
	}
	s.last[peer] = speaker{name, now, before.collector}
	return before.collector.IsZero() || now.Sub(before.collector) > collector
}
