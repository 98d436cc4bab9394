package trace

import (
	"cmp"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// reading is what a hold means: who is on both sides of a slice decides. It is comparable:
// holds of one reading are one part.
type reading struct {
	layer   Layer
	what    string // the entry of the catalog of words
	who     string // whose time it is
	peer    string // whom it waits for
	a, b    string // nodes or services in it
	tunnel  string
	missing uint8
}

// read is the table of cases. A slice beside a hop that somebody looked for and nobody saw
// is never blamed on a layer.
func (l *partList) read(h hold) reading {
	t := l.t
	s := t.Spans[h.span]
	who := t.services[h.span]
	for _, k := range [2]int32{h.after, h.before} {
		if k != none && t.Missing[k] > 0 {
			return t.unseen(h.span, k)
		}
	}
	kid := h.after
	if kid == none {
		kid = h.before
	}
	switch {
	case s.Source == span.APP:
		return l.readCode(h, kid)
	case kid == none && PeerOf(s).Kind == PeerData:
		if peer := l.equals.peers[l.equals.at[h.span]]; peer != "" {
			return reading{layer: Waiting, what: "data", who: who, peer: peer}
		}
		return reading{layer: Waiting, what: "data unknown", who: who}
	case s.Source == span.SYS && s.Point == span.PointServerProcess:
		if kid == none {
			return reading{layer: Code, what: "no code spans", who: who}
		}
		return reading{layer: Code, what: "outside code spans", who: who}
	case kid == none:
		if s.Node == "" {
			return reading{layer: NotSeen, what: "beyond", who: who, a: s.Point.String()}
		}
		return reading{layer: NotSeen, what: "beyond node", who: who, a: s.Point.String(), b: s.Node}
	case t.Gap[kid] > 0 && s.Source == span.SYS && t.Spans[kid].Source == span.SYS:
		return reading{layer: Waiting, what: "way", who: who, peer: t.services[kid]}
	case t.Gap[kid] > 0:
		return t.unlooked(h.span, kid)
	case s.Source == span.SYS:
		if h.after != none {
			return reading{layer: Kernel, what: "send", who: who}
		}
		return reading{layer: Kernel, what: "answer waited", who: who}
	case t.Spans[kid].Source != span.NET:
		if h.after != none {
			return reading{layer: Kernel, what: "request waited", who: t.services[kid]}
		}
		return reading{layer: Kernel, what: "send", who: t.services[kid]}
	}
	return t.readWire(h, kid)
}

// readCode reads an APP span's own time. A CLIENT or PRODUCER span is there to wait: for
// its peer, where nothing ran within it, and for the way to a callee's span and back, where
// nobody looked at the hops. The rest is code.
func (l *partList) readCode(h hold, kid int32) reading {
	t := l.t
	s, who := t.Spans[h.span], t.services[h.span]
	calls := s.Kind == span.KindClient || s.Kind == span.KindProducer
	switch {
	case calls && kid == none && len(t.innerOf(h.span)) == 0:
		if peer := l.equals.peers[l.equals.at[h.span]]; peer != "" {
			return reading{layer: Waiting, what: "peer", who: who, peer: peer}
		}
		return reading{layer: Waiting, what: "peer unknown", who: who}
	case calls && kid != none && t.Gap[kid] > 0 && t.Spans[kid].Source == span.APP:
		return reading{layer: Waiting, what: "way", who: who, peer: t.services[kid]}
	case kid != none && t.Gap[kid] > 0 && t.Spans[kid].Source != span.APP:
		return t.unlooked(h.span, kid)
	case h.after != none && s.Kind == span.KindClient && t.Rule[h.after] == RuleContext:
		return reading{layer: Code, what: "before request", who: who}
	}
	return reading{layer: Code, what: "code", who: who}
}

// readWire reads the time between two points on the network: the caller's.
func (t *Tree) readWire(h hold, kid int32) reading {
	s, k := t.Spans[h.span], t.Spans[kid]
	r := reading{layer: Network, what: "inside", who: t.services[h.span], a: cmp.Or(s.Node, words.Say("unknown node"))}
	if s.Node == k.Node {
		return r
	}
	r.what, r.b, r.tunnel = "wire", cmp.Or(k.Node, words.Say("unknown node")), strings.ToUpper(cmp.Or(s.Tunnel, k.Tunnel))
	if r.tunnel != "" {
		r.what = "wire tunnel"
	}
	if h.after == none { // the way back
		r.a, r.b = r.b, r.a
	}
	return r
}

// unseen reads a slice beside hops that were looked for and not seen.
func (t *Tree) unseen(i, kid int32) reading {
	r := reading{layer: NotSeen, who: t.services[i], missing: t.Missing[kid], a: t.services[i], b: t.services[kid]}
	r.what = "hops"
	if r.missing == 1 {
		r.what = "hop"
	}
	return r.beside(" between", " beside")
}

// unlooked reads a slice beside hops that nobody looks for, whose time may be any layer's.
func (t *Tree) unlooked(i, kid int32) reading {
	r := reading{layer: NotSeen, what: "unlooked", who: t.services[i], a: t.services[i], b: t.services[kid]}
	return r.beside("", " beside")
}

func (r reading) beside(two, one string) reading {
	if r.a == r.b {
		r.b = ""
		r.what += one
	} else {
		r.what += two
	}
	return r
}

// text says the reading in words.
func (r reading) text() string {
	return words.Say(r.what, "who", r.who, "peer", r.peer, "a", r.a, "b", r.b, "tunnel", r.tunnel, "n", itoa(int(r.missing)))
}

// key names the reading, the same from one trace to the next.
func (r reading) key() string {
	return strings.Join([]string{r.what, r.who, r.peer, r.a, r.b, r.tunnel, itoa(int(r.missing))}, "|")
}
