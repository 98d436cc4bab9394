package tag

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// names are those by which addresses that no source knows were asked for: whose DNS spans say that a name has an address means that name
// when it goes there. It is kept by who asked, for one address has many names at those who serve many.
type names struct {
	young, old map[asked]*answered // old is what young was when it was full
}

// asked is an address that somebody was told: a client, or any process of a node.
type asked struct {
	scope  Scope
	client [16]byte // zero: of node
	node   string
	addr   [16]byte
}

// answered are the names that an address was told for.
type answered struct {
	names   []spoken
	several bool // more than are kept
}

// spoken is a name, and when it was first and last answered; Unix nanoseconds.
type spoken struct {
	name        string
	first, last int64
}

const (
	maxAsked  = 1 << 15 // of each generation: about 8 MB
	maxSpoken = 4
	// names of before are still meant where there is no newer one: connections last
	recently = int64(time.Hour)
)

// dns is the protocol of spans whose attributes say what was answered.
const dns = "DNS"

// hear takes the answers in a batch.
func (n *names) hear(b *span.Batch, scopes *scopes) {
	if n.young == nil {
		n.young = map[asked]*answered{}
	}
	var last span.Ref
	is, pair, value := false, uint64(0), 0
	for i := range b.Protocol {
		if r := b.Protocol[i]; r != last {
			last, is = r, b.Strings.String(r) == dns
		}
		if !is {
			continue
		}
		var first uint64
		if i > 0 {
			first = b.Attributes.Ends[i-1]
		}
		for ; pair < first; pair++ {
			_, value = b.Attributes.Values.Next(value)
		}
		var name, addresses []byte
		for ; pair < b.Attributes.Ends[i]; pair++ {
			var text []byte
			text, value = b.Attributes.Values.Next(value)
			switch b.Strings.String(b.Attributes.Keys[pair]) {
			case "dns.question.name":
				name = text
			case "dns.answers":
				addresses = text
			}
		}
		if len(name) > 0 && len(addresses) > 0 {
			n.learn(b, i, scopes.of(i), string(name), addresses)
		}
	}
}

// learn notes what row i says was answered.
func (n *names) learn(b *span.Batch, i int, scope Scope, name string, addresses []byte) {
	var list []netip.Addr
	if err := json.Unmarshal(addresses, &list); err != nil {
		return // an attribute of that name that is somebody else's
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, a := range list {
		if a.IsLoopback() || a.IsUnspecified() || !a.IsValid() {
			continue
		}
		key, at := asked{scope: scope, client: client(b, i), addr: span.As16(a)}, b.Start[i]+int64(b.Duration[i])
		if key.client != ([16]byte{}) {
			n.note(key, name, at)
		}
		if b.Point[i] == span.PointClientProcess {
			n.note(asked{scope: scope, node: b.Strings.String(b.Node[i]), addr: key.addr}, name, at)
		}
	}
}

// client is who asks: a loopback address is the span's own.
func client(b *span.Batch, i int) [16]byte {
	if loopback(b.ClientIP[i]) {
		return b.PodIP[i]
	}
	return b.ClientIP[i]
}

func (n *names) note(key asked, name string, at int64) {
	a := n.of(key)
	if a == nil {
		if len(n.young) >= maxAsked {
			n.young, n.old = map[asked]*answered{}, n.young
		}
		a = &answered{}
		n.young[key] = a
	}
	switch k := slices.IndexFunc(a.names, func(s spoken) bool { return s.name == name }); {
	case k >= 0:
		a.names[k].first, a.names[k].last = min(a.names[k].first, at), max(a.names[k].last, at)
	case len(a.names) < maxSpoken:
		a.names = append(a.names, spoken{name, at, at})
	default:
		a.several = true
	}
}

// of is what is known of a key; nil for nothing.
func (n *names) of(key asked) *answered {
	if a := n.young[key]; a != nil {
		return a
	}
	a := n.old[key]
	if a != nil { // it is still in use
		delete(n.old, key)
		n.young[key] = a
	}
	return a
}

// name is the one that is meant at a moment, "" where there is none or more than one.
func (a *answered) name(at int64) string {
	if a == nil || a.several {
		return ""
	}
	name, recent, all, ofThose := "", "", 0, 0
	for _, s := range a.names {
		if s.first > at {
			continue // it was asked for later
		}
		name = s.name
		all++
		if s.last >= at-recently {
			recent = s.name
			ofThose++
		}
	}
	switch {
	case all == 1:
		return name
	case ofThose == 1:
		return recent
	}
	return ""
}

// called is how the client of row i called the address of its server. Where the client's address is that of a node, which may stand for
// the pods behind it, what any process there asked counts.
func (n *names) called(b *span.Batch, i int, scope Scope, from *named) string {
	if len(n.young) == 0 {
		return ""
	}
	at := b.Start[i]
	if name := n.of(asked{scope: scope, client: client(b, i), addr: b.ServerIP[i]}).name(at); name != "" {
		return name
	}
	if from != nil && from.known && from.Type == "node" {
		return n.of(asked{scope: scope, node: from.Node, addr: b.ServerIP[i]}).name(at)
	}
	return ""
}
