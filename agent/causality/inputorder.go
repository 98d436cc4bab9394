package causality

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// inputOrder is the rule that a thread of an event loop calls in the order in which it has read requests:
// it reads several, then works on one after the other.
//
// Gate: HAProxy, where a call follows a request and nothing else. A call that is none of a request, such as a
// check of a server, would shift all that come behind it: see Table.Contradicts.
type inputOrder struct {
	deaf
	threads loopInputs
}

func (*inputOrder) gate(p *Process) bool { return p.Runtime == HAProxy }

func (r *inputOrder) claim(m *Moment) Claim {
	if !r.gate(m.Process) || !m.Process.seesAll(m.Time) {
		return 0 // it has read what is not known, too
	}
	q := r.threads[m.Thread]
	if q == nil {
		return 0
	}
	if q.expire(m.Time); len(q.list) == 0 {
		return 0
	}
	return q.list[0].of.claim(span.RuleInputOrder)
}

func (r *inputOrder) begin(p *Passage, m *Moment) {
	if r.gate(m.Process) {
		r.threads.of(m.Thread).add(p, netip.AddrPort{}, m.Time)
	}
}

func (r *inputOrder) call(p *Passage, _ *Moment) {
	if p != nil && r.gate(p.process) {
		p.settle()
	}
}

func (r *inputOrder) answer(p *Passage, m *Moment) { r.call(p, m) }
func (r *inputOrder) end(p *Passage)               { p.settle() }
func (r *inputOrder) leave(p *Passage)             { p.settle() }

// contradict forgets what a passage's thread has read: the order was lost.
func (r *inputOrder) contradict(m *Moment) {
	if q := r.threads[m.Thread]; q != nil && r.gate(m.Process) {
		q.clear()
	}
}
