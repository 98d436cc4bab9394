package trace

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Layer is what a slice of time was spent in.
type Layer uint8

// The layers.
const (
	Code    Layer = iota // a service's own code
	Kernel               // system calls and queues of a node: send path, waiting for read
	Network              // between interfaces
	NotSeen              // beside a hop that nobody saw
)

var layerNames = [...]string{"code", "kernel + queue", "network", "not seen"}

func (l Layer) String() string { return layerNames[l] }

// reading is what a hold means: who is on both sides of a slice decides.
type reading struct {
	layer   Layer
	service string // whose time it is
	what    string // the place, in a pattern's words
	a, b    string // nodes or services in it
	tunnel  string
	missing uint8
}

// read is the table of cases. A slice beside a missing hop is never blamed on a layer.
func (t *Tree) read(h hold) reading {
	s := t.Spans[h.span]
	r := reading{service: t.services[h.span]}
	for _, k := range [2]int32{h.after, h.before} {
		if k != none && t.Missing[k] > 0 {
			r.layer, r.what, r.missing = NotSeen, "hops", t.Missing[k]
			r.a, r.b = t.services[h.span], t.services[k]
			if r.b == r.a {
				r.b = ""
			}
			return r
		}
	}
	kid := h.after
	if kid == none {
		kid = h.before
	}
	switch {
	case s.Source == span.APP:
		r.layer, r.what = Code, "code"
		if h.after != none && s.Kind == span.KindClient && t.Rule[h.after] == RuleContext {
			r.what = "before request"
		}
		return r
	case s.Source == span.SYS && s.Point == span.PointServerProcess:
		r.layer, r.what = Code, "outside code spans"
		if kid == none {
			r.what = "no code spans"
		}
		return r
	case kid == none:
		r.layer, r.what, r.a, r.b = NotSeen, "beyond", s.Point.String(), s.Node
		return r
	case s.Source == span.SYS:
		r.layer, r.what = Kernel, "answer waited"
		if h.after != none {
			r.what = "send"
		}
		return r
	}
	k := t.Spans[kid]
	if k.Source != span.NET {
		r.layer, r.service, r.what = Kernel, t.services[kid], "send"
		if h.after != none {
			r.what = "request waited"
		}
		return r
	}
	r.layer, r.what, r.a, r.b = Network, "inside", s.Node, ""
	if s.Node != k.Node {
		r.what, r.a, r.b, r.tunnel = "wire", s.Node, k.Node, s.Tunnel
		if r.tunnel == "" {
			r.tunnel = k.Tunnel
		}
		if h.after == none { // the way back
			r.a, r.b = r.b, r.a
		}
	}
	return r
}

// text says the reading in words.
func (r reading) text() string {
	switch r.what {
	case "code":
		return "code of " + r.service
	case "before request":
		return "code of " + r.service + " before its request left: waiting for a connection"
	case "outside code spans":
		return "code of " + r.service + " outside its code spans"
	case "no code spans":
		return "code of " + r.service + " (no code spans)"
	case "send":
		return "kernel send path of " + r.service
	case "answer waited":
		return "answer waited for read() in " + r.service
	case "request waited":
		return "request waited for read() in " + r.service
	case "inside":
		return "network, inside " + orUnknown(r.a)
	case "wire":
		text := "network, wire " + orUnknown(r.a) + " → " + orUnknown(r.b)
		if r.tunnel != "" {
			text += " (" + strings.ToUpper(r.tunnel) + ")"
		}
		return text
	case "beyond":
		text := "not seen: nothing beyond " + r.a
		if r.b != "" {
			text += " on " + r.b
		}
		return text
	}
	text := "not seen: " + itoa(int(r.missing)) + " hops"
	if r.missing == 1 {
		text = "not seen: 1 hop"
	}
	if r.b != "" {
		return text + " between " + r.a + " and " + r.b
	}
	return text + " beside " + r.a
}

func orUnknown(node string) string {
	if node == "" {
		return "an unknown node"
	}
	return node
}
