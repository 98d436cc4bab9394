package link

import (
	"net/netip"
	"time"
)

// unnamed reports whether a root does not say by which connection it was asked: Envoy names an address alone, Rack nobody.
// Its s-p is then looked for among those of its pod: the same method, path and status must be known of both, and no other
// request may be like it.
func (r *root) unnamed() bool { return r.client.Port() == 0 }

// key is by whom its s-p's are kept.
func (r *root) key() netip.AddrPort {
	if r.unnamed() {
		return podKey(r.pod)
	}
	return r.client
}

// podKey is the key of a pod, which no client's is.
func podKey(pod netip.Addr) netip.AddrPort { return netip.AddrPortFrom(pod, 0) }

// depthByPod is how many s-p's of a pod before a root are looked at: those that it may serve at once.
const depthByPod = 1024

// keepByPod keeps s-p's by their pods from now on, and those that are kept already. Where every root names its client that
// would be for nothing.
func (l *Linker) keepByPod(now time.Time) {
	if l.byPod {
		return
	}
	l.byPod = true
	var kept []process
	for _, list := range l.processes.byKey {
		for _, e := range list {
			kept = append(kept, e.value)
		}
	}
	for _, p := range kept {
		if p.pod.IsValid() {
			l.add(podKey(p.pod), p, now)
		}
	}
}

// isOf reports whether a request is known to be like that of a root, and of the same client as far as that says.
func (p *process) isOf(r *root) bool {
	return p.request.known() && p.request == r.request && (!r.client.Addr().IsValid() || p.client == r.client.Addr())
}
