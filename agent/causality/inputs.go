package causality

import (
	"net/netip"
	"slices"
	"time"
)

// inputs are what a thread of an event loop has read and not put to use, the oldest first: requests, and
// answers to calls. A nil one is the answer to a call of which nothing is known.
type inputs struct {
	list []input
}

type input struct {
	of   *Passage
	kind netip.AddrPort // the server whose answer it is; zero: a request
	at   int64
}

const (
	// inputPatience is how long an input may wait for its output. A loop that was to act on it has done so;
	// what takes longer waits for something that is not seen here. Long enough for a machine that has no time.
	inputPatience = time.Second
	// inputsKept bounds what waits on one thread.
	inputsKept = 4096
)

// add adds an input; a passage has one at a time.
func (q *inputs) add(p *Passage, kind netip.AddrPort, now int64) {
	if p != nil {
		if p.input != nil {
			p.input.remove(p)
		}
		p.input = q
	}
	if len(q.list) >= inputsKept {
		q.drop(0)
	}
	q.list = append(q.list, input{p, kind, now})
}

// expire drops what has waited for too long.
func (q *inputs) expire(now int64) {
	for len(q.list) > 0 && now-q.list[0].at > int64(inputPatience) {
		q.drop(0)
	}
}

func (q *inputs) drop(i int) {
	if p := q.list[i].of; p != nil {
		p.input = nil
	}
	q.list = slices.Delete(q.list, i, i+1)
}

// remove takes the input of a passage out; of nil, the oldest of which nothing is known.
func (q *inputs) remove(p *Passage) {
	if i := slices.IndexFunc(q.list, func(in input) bool { return in.of == p }); i >= 0 {
		q.drop(i)
	}
}

// clear forgets all: what comes next would be joined with what it does not belong to.
func (q *inputs) clear() {
	for len(q.list) > 0 {
		q.drop(len(q.list) - 1)
	}
}

// loopInputs are the inputs of all threads.
type loopInputs map[uint32]*inputs

func (l loopInputs) of(thread uint32) *inputs {
	q := l[thread]
	if q == nil {
		q = new(inputs)
		l[thread] = q
	}
	return q
}

// sweep forgets the threads that wait for nothing.
func (l loopInputs) sweep(now int64) {
	for thread, q := range l {
		if q.expire(now); len(q.list) == 0 {
			delete(l, thread)
		}
	}
}

// settle says that nothing waits to be done for a passage.
func (p *Passage) settle() {
	if p.input != nil {
		p.input.remove(p)
	}
}

// kindOf is the kind of a passage's input; the zero address if it has none.
func (q *inputs) kindOf(p *Passage) netip.AddrPort {
	if i := slices.IndexFunc(q.list, func(in input) bool { return in.of == p }); i >= 0 {
		return q.list[i].kind
	}
	return netip.AddrPort{}
}
