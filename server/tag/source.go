// Package tag says who the ends of spans are: it turns the addresses in a span.Batch into
// entities (pod, workload, namespace, node, service), once, before the batch is stored.
package tag

import (
	"math"
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// Source knows who had which address when. Kubernetes metadata is one, a file is another.
// Implementations are safe for concurrent use and answer from memory.
type Source interface {
	// Scope is the part of the world in which a node's addresses mean what they mean: its cluster.
	// 0 is that of nodes that are not known.
	Scope(node string) Scope
	// Lookup is who had an address. Without an owner, or with several who may have had it, the
	// answer says only how long that is so.
	Lookup(Question) Answer
	// Pod is the entity of the pod with that name, with its ID filled, and whether there was
	// exactly one.
	Pod(PodName) (span.Entity, bool)
	// Version changes whenever Lookup or Pod may answer otherwise than before. What was looked up
	// under an older version must be looked up again.
	Version() uint64
}

// Scope is where an address is looked for first; see Source.
type Scope uint32

// Question asks who had an address.
type Question struct {
	Addr      netip.Addr
	Port      uint16 // of the end that was asked; 0: it is a client's, or not known
	Transport uint8  // IP protocol number of Port, 0: not known
	Scope     Scope  // of the node that saw the address
	At        int64  // when it did, in Unix nanoseconds
}

// Answer is who had an address, for all moments from From on and before Until.
type Answer struct {
	Entity span.Entity // with its ID filled, where Known
	Known  bool
	From   int64 // Unix nanoseconds
	Until  int64
}

// Always is an answer that does not depend on the time.
func Always(e span.Entity, known bool) Answer {
	return Answer{Entity: e, Known: known, From: math.MinInt64, Until: math.MaxInt64}
}

// Holds reports whether it answers for a moment, too.
func (a *Answer) Holds(at int64) bool { return a.From <= at && at < a.Until }

// PodName names a pod, by what is known of it: by its UID, else by its name.
type PodName struct {
	UID             string // as Kubernetes gave it
	Namespace, Name string
	Scope           Scope
	At              int64 // Unix nanoseconds: names are given again
}

// None is a Source that knows nobody: every address is an external entity.
type None struct{}

// Scope is the same for all.
func (None) Scope(string) Scope { return 0 }

// Lookup knows nobody.
func (None) Lookup(Question) Answer { return Always(span.Entity{}, false) }

// Pod knows nobody.
func (None) Pod(PodName) (span.Entity, bool) { return span.Entity{}, false }

// Version never changes.
func (None) Version() uint64 { return 0 }

// First is a Source that asks one, and another where the one does not know: what a file says goes
// before what Kubernetes does. Scopes are those of Then.
type First struct{ One, Then Source }

// Scope is that of Then.
func (f First) Scope(node string) Scope { return f.Then.Scope(node) }

// Lookup is the first answer that names somebody.
func (f First) Lookup(q Question) Answer {
	one := f.One.Lookup(q)
	if one.Known {
		return one
	}
	then := f.Then.Lookup(q)
	then.From, then.Until = max(then.From, one.From), min(then.Until, one.Until)
	return then
}

// Pod is the first that is known.
func (f First) Pod(name PodName) (span.Entity, bool) {
	if e, ok := f.One.Pod(name); ok {
		return e, true
	}
	return f.Then.Pod(name)
}

// Version changes with either.
func (f First) Version() uint64 { return f.One.Version() + f.Then.Version() }
