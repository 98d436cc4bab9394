// Package kube knows from Kubernetes who had which address when. It watches pods, nodes, services,
// endpoint slices, namespaces, ReplicaSets and Jobs of one or several clusters, keeps of each what
// tags need, and answers as a tag.Source. Only the server watches; agents report what only they
// see, which is the uid of the pod that a process is in.
//
// A pod's address is its own for a while. What Kubernetes says of that while is a bound, not a
// moment: a pod is given its address after it was started and before its first container was, and
// loses it after its last container ended and before it is gone. So an owner may have had an address
// during one time, and surely had it during another inside of that. Where two may have had it and
// not exactly one surely did, nobody is said to have had it: unknown rather than wrong.
//
// Times of Kubernetes are whole seconds of a node's clock.
package kube
