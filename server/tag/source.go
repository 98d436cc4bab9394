// Package tag says who the ends of spans are: it turns the addresses in a span.Batch into
// entities (pod, workload, namespace, node, service), once, before the batch is stored.
package tag

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// Source knows who has which address. Kubernetes metadata is one, a file is another.
// Implementations are safe for concurrent use and answer from memory.
type Source interface {
	// Lookup is the entity that has the address, with its ID filled, and whether there is one.
	Lookup(netip.Addr) (span.Entity, bool)
	// Pod is the entity of the pod with that name, with its ID filled, and whether there is
	// exactly one.
	Pod(namespace, name string) (span.Entity, bool)
	// Version changes whenever Lookup or Pod may answer otherwise than before. What was looked up
	// under an older version must be looked up again.
	Version() uint64
}

// None is a Source that knows nobody: every address is an external entity.
type None struct{}

// Lookup knows nobody.
func (None) Lookup(netip.Addr) (span.Entity, bool) { return span.Entity{}, false }

// Pod knows nobody.
func (None) Pod(string, string) (span.Entity, bool) { return span.Entity{}, false }

// Version never changes.
func (None) Version() uint64 { return 0 }
