package span

import (
	"cmp"
	"slices"
)

// Resource is an OTel resource: the attribute set of an OTLP ResourceSpans, stored once
// per distinct set. ID does not depend on the attributes' order.
type Resource struct {
	ID         uint64
	Attributes []Attribute
}

// ResourceID is the id of a set of attributes, the same for every order.
func ResourceID(attributes []Attribute) uint64 {
	sum := uint64(len(attributes))
	for _, a := range attributes {
		h := mix(hash(a.Key))
		sum += mix(h ^ hash(a.Value) ^ uint64(a.Type))
	}
	if sum = mix(sum); sum == 0 {
		sum = 1 // 0 is "no resource"
	}
	return sum
}

// Entity is who an end of a span is. It is stored once and referred to by its id.
type Entity struct {
	ID           uint64            `json:"id,omitempty"`
	Type         string            `json:"type,omitempty"` // "pod", "node", "process", "external"
	Service      string            `json:"service,omitempty"`
	Pod          string            `json:"pod,omitempty"`
	Workload     string            `json:"workload,omitempty"`
	WorkloadKind string            `json:"workload_kind,omitempty"` // "Deployment", "StatefulSet", ...
	Namespace    string            `json:"namespace,omitempty"`
	Node         string            `json:"node,omitempty"`
	Cluster      string            `json:"cluster,omitempty"`
	Process      string            `json:"process,omitempty"`
	IP           string            `json:"ip,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
}

// EntityID is the id of an entity's values, so that several servers give the same one.
func EntityID(e *Entity) uint64 {
	sum := uint64(0)
	for _, v := range []string{e.Type, e.Service, e.Pod, e.Workload, e.WorkloadKind, e.Namespace, e.Node, e.Cluster, e.Process, e.IP} {
		sum = mix(sum ^ hash(v))
	}
	keys := make([]string, 0, len(e.Labels))
	for k := range e.Labels {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	for _, k := range keys {
		sum = mix(sum ^ hash(k))
		sum = mix(sum ^ hash(e.Labels[k]))
	}
	if sum &^= externalBit; sum == 0 {
		sum = 1 // 0 is "not known"
	}
	if e.Type == External {
		sum |= externalBit
	}
	return sum
}

// External is the type of an entity of which nothing but the address is known.
const External = "external"

// externalBit is set in the ids of external entities alone. There are as many of them as a
// service has clients on the internet, so what counts by client must tell them without asking.
const externalBit = 1 << 63

// OutsideID is the id that stands for all external entities together. It is not stored.
const OutsideID = externalBit

// Outside is the entity that stands for all external ones.
func Outside() Entity { return Entity{ID: OutsideID, Type: External, Service: "outside"} }

// IsExternal reports whether an id is that of an external entity.
func IsExternal(id uint64) bool { return id&externalBit != 0 }

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
