package causality

import (
	"net/netip"
	"slices"
	"time"
)

// kind is of what a loop reads: the server whose answer it is; the zero address of a request. What goes out has
// one, too: the server that is asked, or the zero address of an answer.
type kind = netip.AddrPort

// loopOrder is what kindOrder knows of a process.
type loopOrder struct {
	thread  uint32              // that reads requests
	several bool                // others work on them, too: nothing is known
	apart   tally               // requests and calls by other threads while some are open, and how many these are
	waits   map[kind][]*waiting // the oldest first
	causes  kinds

	of        map[uint64]ofKind // by kind of call
	prepared  map[kind]bool     // servers whose connections are prepared before they are used
	heads     tallies           // by server, of calls that requests lead to: how many, and how many out of order
	disagreed int               // requests in a row whose answers followed what was another's
}

// ofKind is what was seen of a kind of calls.
type ofKind struct {
	unled  tally // how many, and how many that nothing led to
	opened tally // how many, and how many that were not the first on their connections
}

// waiting is something that a loop has read and not put to use.
type waiting struct {
	strand *Strand
	kind   kind
	at     int64
}

// orderPatience is how long something may wait, in a loop that is busy with much else.
const orderPatience = 5 * time.Second

// causesKept is how many calls of a server tell what leads to them.
const causesKept = 128

func newLoopOrder(thread uint32) *loopOrder {
	return &loopOrder{thread: thread, waits: map[kind][]*waiting{}, of: map[uint64]ofKind{}, heads: tallies{}, prepared: map[kind]bool{}}
}

// put adds what was read for a strand.
func (o *loopOrder) put(s *Strand, k kind, now int64) {
	list := o.waits[k]
	for len(list) > 0 && (now-list[0].at > int64(orderPatience) || len(list) >= inputsKept) {
		o.remove(list[0])
		list = o.waits[k]
	}
	if len(o.waits) >= kindsKept {
		return
	}
	s.waits = &waiting{s, k, now}
	o.waits[k] = append(list, s.waits)
}

// remove takes out what waits; nil is nothing.
func (o *loopOrder) remove(w *waiting) {
	if w == nil {
		return
	}
	w.strand.waits = nil
	list := o.waits[w.kind]
	i := slices.Index(list, w)
	switch {
	case i < 0:
	case len(list) == 1:
		delete(o.waits, w.kind)
	default:
		o.waits[w.kind] = slices.Delete(list, i, i+1)
	}
}

// clear forgets all that waits.
func (o *loopOrder) clear() {
	for _, list := range o.waits {
		for _, w := range list {
			w.strand.waits = nil
		}
	}
	clear(o.waits)
	o.disagreed = 0
}

// first is the oldest of a kind; nil if none waits.
func (o *loopOrder) first(k kind) *waiting {
	if list := o.waits[k]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// only is the one kind of which something waits; false if there are several, or none.
func (o *loopOrder) only(but func(kind) bool) (only kind, ok bool) {
	for k := range o.waits {
		if but(k) {
			continue
		}
		if ok {
			return kind{}, false
		}
		only, ok = k, true
	}
	return only, ok
}

// othersAsked bounds the servers that others asks: a program that calls so many is not one whose kinds tell much.
const othersAsked = 32

// others tells the kinds that do not lead to what goes out, as far as is known: those that lead to something else; and to an answer no
// request does.
func (o *loopOrder) others(out kind) func(kind) bool {
	return func(k kind) bool {
		if k == (kind{}) && out == k {
			return true
		}
		if len(o.causes) > othersAsked {
			return false
		}
		for other := range o.causes {
			if main, known := o.causes.main(other); other != out && known && main == k {
				return true
			}
		}
		return false
	}
}

// learn takes that something of a kind led to what goes out. It forgets soon: before the first kinds are known
// it learns of others what is not so.
func (o *loopOrder) learn(out, in kind) {
	o.causes.learn(out, in)
	o.causes.fade(out, causesKept)
}

// leads is what leads to a call, as far as order tells: the oldest of the kind that leads to calls of its
// server. nil: nothing, or that kind is not known.
func (o *loopOrder) leads(m *Moment) *waiting {
	if k, known := o.causes.main(m.Peer); known {
		return o.first(k)
	}
	return nil
}

// idle reports whether nothing waits that could lead to a call. What does is believed late: who calls for nothing
// is not believed again soon.
func (o *loopOrder) idle(m *Moment) bool {
	if len(o.waits) == 0 {
		return true
	}
	k, known := o.causes.main(m.Peer)
	return known && o.causes[m.Peer].all >= causesToKnow && o.first(k) == nil
}

// take is the strand of a call; nil: nothing led to it, or one of several kinds.
func (o *loopOrder) take(m *Moment) *Strand {
	if k, ok := o.only(o.others(m.Peer)); ok {
		o.learn(m.Peer, k)
	}
	w := o.leads(m)
	if w == nil {
		return nil
	}
	o.remove(w)
	return w.strand
}

// prepares says that connections to a server are prepared before they are used.
func (o *loopOrder) prepares(server kind) {
	if len(o.prepared) < kindsKept {
		o.prepared[server] = true
	}
}

// answers is what leads to the answer to a strand's request; nil: nothing, or that is not known.
func (o *loopOrder) answers(s *Strand) *waiting {
	if s.waits != nil {
		o.learn(kind{}, s.waits.kind)
	} else if k, ok := o.only(o.others(kind{})); ok {
		o.learn(kind{}, k)
	}
	if k, known := o.causes.main(kind{}); known {
		return o.first(k)
	}
	return nil
}

// unled reports whether calls of a kind are also made where nothing waits that could lead to them.
func (o *loopOrder) unled(what uint64) bool {
	of, known := o.of[what]
	return known && !of.unled.seldom(unledSeldom) || !known && len(o.of) >= kindsKept
}

// led takes a call of a kind: whether something led to it.
func (o *loopOrder) led(what uint64, led bool) {
	o.count(what, func(of *ofKind) { of.unled.count(!led) })
}

// setsUp takes a call of a kind: whether it is the first on its connection. It reports whether it prepares that
// for the one behind it, as such do that are seldom made later.
func (o *loopOrder) setsUp(what uint64, opened bool) bool {
	o.count(what, func(of *ofKind) { of.opened.count(!opened) })
	of := o.of[what]
	return opened && of.opened.seldom(laterSeldom)
}

func (o *loopOrder) count(what uint64, in func(*ofKind)) {
	of, known := o.of[what]
	if known || len(o.of) < kindsKept {
		in(&of)
		o.of[what] = of
	}
}
