package causality

import "github.com/throughline-io/throughline/pkg/span"

// kindOrder is the rule that an event loop works on what it has read of one kind in the order in which it has
// read it: requests, the answers of one server, those of another. Work on one kind takes as many turns of the
// loop for all, so that the kinds overtake one another, and one kind itself does not.
//
// Evidence (system calls of 6,000 requests at 16 and 64 at once, jobs beside): with the servers of aiohttp and
// uvicorn (uvloop, too), aiohttp's client and aiomysql, each request is followed by its call in order, each answer
// of the backend by its statement, each of the database by the answer to its request. Out of 15,000 none is out of
// order but where something is asked for no request. With httpx 19 of 20 requests are: its calls wait for locks.
//
// So a call is a request's where two agree: the order from the request on says whose it is, and so does the
// order back from the answer, which is known to be its request's. Where they differ nothing is said, and nothing
// as long as they were not seen to agree. A strand is therefore told late, when its request is answered.
//
// Gate: Python with asyncio, as long as one thread reads all requests and makes all calls for them, but for a few of
// jobs beside: a handler in a pool of threads takes as long as it takes. What leads to what is learned (kinds). Nothing is said of calls of
// a kind that are also made where nothing waits that could lead to them: a timer's, or of several that a request
// makes at once all but the first.
type kindOrder struct {
	deaf
	strands
}

const (
	// orderKnown is how many requests tell whether their calls come in order, where several were open.
	orderKnown = 20
	// disorderSeldom: of requests, one in so many whose calls do not come in order is too many.
	disorderSeldom = 5
	// unledSeldom: of calls of a kind, one in so many that nothing led to is too many.
	unledSeldom = 10
	// laterSeldom: of calls that prepare a connection, one in so many that comes later on one is too many.
	laterSeldom = 10
	// apartKnown is how many calls of other threads, while requests are open, tell that these work on requests.
	apartKnown = 20
	// apartSeldom: fewer than one in so many, beside requests, are work beside them.
	apartSeldom = 5
	// orderLost: where so many in a row are seen to be another's, something has come between.
	orderLost = 8
)

func (*kindOrder) claim(*Moment) Claim { return 0 } // it is told later: see Strand

// of is the order of a moment's process; nil where nothing is known of it.
func (*kindOrder) of(m *Moment) *loopOrder {
	if o := m.Process.order; o != nil && !o.several && o.thread == m.Thread {
		return o
	}
	return nil
}

func (r *kindOrder) begin(p *Passage, m *Moment) {
	switch o := m.Process.order; {
	case m.Process.Runtime != AsyncIO:
		return
	case o == nil:
		m.Process.order = newLoopOrder(m.Thread)
	case o.thread != m.Thread:
		r.otherThread(m.Process)
	}
	if o := r.of(m); o != nil {
		o.apart.count(false)
		if len(m.Process.open) == 0 {
			o.clear()
		}
		p.strand = &Strand{process: m.Process, of: p}
		o.put(p.strand, kind{}, m.Time)
	}
}

// otherThread takes that another thread than the loop's works on requests.
func (r *kindOrder) otherThread(of *Process) {
	if of.order.several {
		return
	}
	of.order.several, of.order.waits = true, nil
	for _, p := range of.open {
		r.drop(p.strand)
	}
}

// connects takes that a connection is opened; what led to that leads to its first call. Not where something comes
// between, as with a database: its pool gives who waits longest whichever connection is ready.
func (r *kindOrder) connects(m *Moment) *Strand {
	if o := r.of(m); o != nil && !o.prepared[m.Peer] {
		return o.take(m)
	}
	return nil
}

// apart takes a call by another thread than the loop's, and whether that was seen to work for a request. A few while requests are open
// are of a job beside them, which in a loop that is never idle cannot be told otherwise.
func (r *kindOrder) apart(m *Moment, serves bool, what uint64) {
	o := m.Process.order
	switch {
	case len(m.Process.open) == 0, !serves && o.unled(what):
		o.led(what, false)
	case serves:
		r.otherThread(m.Process)
	default:
		if o.apart.count(true); o.apart.so >= apartKnown && !o.apart.seldom(apartSeldom) {
			r.otherThread(m.Process)
		}
	}
}

// calls takes a call on a connection, and of what kind it is. p is whose it is by another rule, by.
func (r *kindOrder) calls(p *Passage, by span.PassageRule, m *Moment, on *Connection, opened bool, what uint64) {
	before := on.strand
	on.strand = nil
	o := m.Process.order
	switch {
	case o == nil || o.several:
		return
	case m.Thread != o.thread:
		r.apart(m, p != nil && by != span.RuleSoleRequest, what)
		return
	}
	if opened && on.prepared {
		o.prepares(m.Peer)
	}
	var s *Strand
	switch {
	case on.setup && before != nil && before.waits != nil:
		s = before
		o.remove(s.waits)
	case p != nil && p.strand != nil:
		s = p.strand
		o.led(what, s.waits != nil || opened && before == s)
		if s.waits != nil {
			o.learn(m.Peer, s.waits.kind)
		}
		o.remove(s.waits)
	case opened && !o.prepared[m.Peer]:
		s = r.led(m, what, before, before != nil)
	case o.unled(what):
		o.led(what, !o.idle(m))
	default:
		idle := o.idle(m)
		s = r.led(m, what, o.take(m), !idle)
	}
	if s != nil {
		if s.calls++; s.calls == 1 {
			s.head = m.Peer
		}
	}
	on.strand, on.setup = s, o.setsUp(what, opened)
}

// led takes that a call has a strand, or that nothing led to it. One of a kind that something leads to must have been
// preceded by another that took what was its own: whose the calls under way are is not known. It keeps a place.
func (r *kindOrder) led(m *Moment, what uint64, s *Strand, led bool) *Strand {
	o := m.Process.order
	_, known := o.of[what]
	if o.led(what, led); led || !known || o.unled(what) {
		return s
	}
	for _, p := range m.Process.open {
		r.drop(p.strand)
	}
	return &Strand{process: m.Process, over: true}
}

func (r *kindOrder) back(p *Passage, m *Moment) {
	if p != nil && p.strand != nil {
		r.backIn(p.strand, m)
	}
}

// backIn takes that the answer to a call of a strand was read.
func (r *kindOrder) backIn(s *Strand, m *Moment) {
	if o := r.of(m); o != nil && s.process == m.Process && !s.done {
		o.remove(s.waits) // of calls at once the last answer leads on
		o.put(s, m.Peer, m.Time)
	}
}

// answer tells whose a strand is, by what leads to the answer to a request.
func (r *kindOrder) answer(p *Passage, m *Moment) {
	s, o := p.strand, r.of(m)
	if s == nil {
		return
	}
	defer r.drop(s)
	if o == nil || s.calls == 0 && s.waits != nil { // it makes no calls
		return
	}
	last := o.answers(s)
	if last == nil || s.waits != nil && s.waits.kind != last.kind {
		o.remove(s.waits) // what leads to answers keeps its place, it may be another's
	}
	if last == nil {
		return
	}
	o.remove(last)
	of := last.strand
	s.done = s.done || of == s
	if len(m.Process.open) > 1 && of.of != nil {
		o.heads.count(of.head, of != s)
	}
	if of != s {
		if o.disagreed++; o.disagreed >= orderLost {
			o.clear()
		}
		r.drop(of)
		return
	}
	if o.disagreed = 0; o.heads[of.head].ordered() {
		r.told(s, p, span.RuleKindOrder)
	}
}

func (r *kindOrder) end(p *Passage) { r.leave(p) }

func (r *kindOrder) leave(p *Passage) {
	s := p.strand
	if s == nil {
		return
	}
	r.drop(s)
	if o := p.process.order; o != nil && s.waits != nil && s.waits.kind == (kind{}) {
		o.remove(s.waits) // what else it has read leads on to something, and keeps its place
	}
}
