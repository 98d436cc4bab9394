package causality

import (
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// soleInput is the rule that what a thread of an event loop sends belongs to what it has read, where that is
// one thing only: such a loop reads and writes in one callback, or at once opens the connection to write on.
// What is not known to lead to calls of that server does not count: it waits for something else. So does what was only ever seen to lead
// to the answer to a request, which is known sooner: nginx reads what PHP-FPM says in pieces and answers behind the last.
//
// Gate: nginx, Envoy and Node.js. Elsewhere it is wrong: 3 to 40 of 100 with pools and loops that hand on. Envoy reads in one
// turn of its loop and writes in the next, in an order of its own (timers that end at the same moment): of several nothing is told.
type soleInput struct{ threads loopInputs }

func (*soleInput) gate(p *Process) bool {
	return p.Runtime == Nginx || p.Runtime == Envoy || p.Runtime == Node
}

func (r *soleInput) claim(m *Moment) Claim {
	if !r.gate(m.Process) {
		return 0
	}
	q := r.threads[m.Thread]
	if q == nil {
		return 0
	}
	q.expire(m.Time)
	var sole *Passage
	causes := m.Process.kinds.known(m.Peer)
	for _, in := range q.list {
		if !causes.may(in.kind) || m.Process.leads.onlyToAnswers(in.kind) {
			continue
		}
		if in.of == nil || sole != nil {
			return 0
		}
		sole = in.of
	}
	if sole == nil {
		return 0
	}
	return sole.claim(span.RuleSoleInput)
}

// idle reports whether nothing waits that may lead to what goes out.
func (r *soleInput) idle(m *Moment) bool {
	q := r.threads[m.Thread]
	if !r.gate(m.Process) {
		return false
	}
	if q == nil {
		return true
	}
	q.expire(m.Time)
	causes := m.Process.kinds.known(m.Peer)
	return !slices.ContainsFunc(q.list, func(in input) bool { return causes.may(in.kind) })
}

func (r *soleInput) begin(p *Passage, m *Moment) { r.read(p, netip.AddrPort{}, m) }

func (r *soleInput) back(p *Passage, m *Moment) {
	r.read(p, m.Peer, m)
	if p != nil && p.answered != 0 { // it is sent on in pieces
		m.Process.leads.answered(p)
	}
}

func (r *soleInput) read(p *Passage, kind netip.AddrPort, m *Moment) {
	if r.gate(m.Process) {
		q := r.threads.of(m.Thread)
		q.expire(m.Time)
		q.add(p, kind, m.Time)
	}
}

func (r *soleInput) call(p *Passage, m *Moment) {
	if !r.gate(m.Process) {
		return
	}
	q := r.threads[m.Thread]
	m.Process.leads.called(p)
	alone := q != nil && len(q.list) == 1
	if alone && q.list[0].of == p && p != nil {
		m.Process.kinds.learn(m.Peer, q.list[0].kind)
	}
	if p != nil {
		p.settle()
	} else if alone {
		q.remove(nil)
	}
}

func (r *soleInput) answer(p *Passage, m *Moment) {
	if !r.gate(m.Process) {
		return
	}
	if p.input != nil {
		m.Process.leads.answered(p)
		p.settle()
	} else if q := r.threads[m.Thread]; q != nil {
		q.remove(nil) // what led to this answer was to a call of which nothing was known
	}
}

func (r *soleInput) end(p *Passage)   { p.settle() }
func (r *soleInput) leave(p *Passage) { p.settle() }
