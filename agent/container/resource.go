package container

import (
	"sync"

	"github.com/throughline-io/throughline/pkg/span"
)

// Resources are the OTel resources of pods: what an agent knows of a process that the server cannot see
// by its address, for pods of the host's network have their node's. The zero value is ready, and safe for
// concurrent use.
type Resources struct {
	mu    sync.RWMutex
	known map[uint64]span.Resource
}

// maxResources bounds what is remembered: a node has some hundred pods at a time.
const maxResources = 1 << 14

// Of is the id of the resource of the pod that a process is in: k8s.pod.uid and container.id of
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/. It is 0 for a process that is in none.
func (r *Resources) Of(pid uint32) uint64 { return r.keep(Of(pid)) }

func (r *Resources) keep(of Identity) uint64 {
	if of.PodUID == "" {
		return 0
	}
	attributes := []span.Attribute{{Key: "k8s.pod.uid", Value: of.PodUID, Type: span.AttributeString}}
	if of.ID != "" {
		attributes = append(attributes, span.Attribute{Key: "container.id", Value: of.ID, Type: span.AttributeString})
	}
	id := span.ResourceID(attributes)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxResources {
		clear(r.known) // the server has had them
	}
	if r.known == nil {
		r.known = map[uint64]span.Resource{}
	}
	r.known[id] = span.Resource{ID: id, Attributes: attributes}
	return id
}

// Find is the resource of an id.
func (r *Resources) Find(id uint64) (span.Resource, bool) {
	if id == 0 {
		return span.Resource{}, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	found, ok := r.known[id]
	return found, ok
}
