package causality

// threadProof is what was seen of whether each thread of a process serves one request from its beginning to its end, and nothing else
// meanwhile.
//
// Evidence: a loop that serves several, and a pool that hands on, look like a thread for each request as long as no two requests meet
// on a thread. Nor does it tell a loop that it calls and answers where it reads: a connection of a client's pool is another loop's, and
// what that sends between reading a request and answering it may be anybody's. So it is asked how a thread goes on while others have
// requests open, too: a loop begins another request or, while it waits for an answer, another call soon.
//
// As long as that is not known, and several requests are open, the calls of a thread wait (Strand) until it has answered its request
// itself and it is known. They are told then as those of any thread that answers are. If it is not known soon, they are nobody's.
type threadProof struct {
	whole tally // requests beside others that their threads called for and answered: how many, and how many threads did other things meanwhile
	begun uint64
}

const (
	// wholeToKnow is how many requests tell that threads serve one at a time.
	wholeToKnow = 16
	// mixedSeldom: of requests, one in so many whose thread does something else meanwhile is too many.
	mixedSeldom = 20
)

// known reports whether a thread of the process tells whose its calls are.
func (t *threadProof) known() bool { return t.whole.all >= wholeToKnow && t.whole.seldom(mixedSeldom) }

// mayTell reports whether the passage's thread tells whose its calls are, or there is no other request that they could be of. Those
// that came on its connection behind it are served behind it.
func (p *Passage) mayTell() bool {
	return len(p.process.open) <= 1+len(p.behind) || p.process.proof.known()
}

// threads is the part of onExecutor that looks at threads, and holds their calls back.
type threads struct{ strands }

// begins takes that a thread reads a request.
func (r threads) begins(p *Passage) {
	proof := &p.process.proof
	p.beside = len(p.process.open) > 0
	proof.begun++
	p.nth = proof.begun
}

// mixes takes that a thread does two things at once.
func (threads) mixes(of *Process) { of.proof.whole.count(true) }

// moves takes that bytes were moved on a connection: the answer to a call is read, by whom it may be.
func (threads) moves(m *Moment, on *Connection) {
	if p := on.asker; p != nil && !m.Out {
		if on.asker = nil; p.asks == on {
			p.asks = nil
		}
	}
}

// calls takes a call by a passage's thread.
func (r threads) calls(p *Passage, on *Connection) {
	if p.asks != nil && p.asks != on {
		r.mixes(p.process)
	}
	p.asks, p.made, on.asker = on, true, p
}

// holds is the strand of a call by a passage's thread that waits until it is known whether the thread tells.
func (r threads) holds(p *Passage, m *Moment) *Strand {
	if m.Among || p.mayTell() {
		return nil
	}
	if p.own == nil {
		p.own = &Strand{process: m.Process, own: true}
	}
	return p.own
}

// answers takes that a thread answers the request of a passage.
func (r threads) answers(p *Passage, m *Moment) {
	if p.executor.Goroutine {
		return
	}
	proof, own := &p.process.proof, p.own
	p.own = nil
	if m.Executor != p.executor || p.shared {
		r.drop(own)
		return
	}
	if p.made && p.asks == nil && (p.beside || proof.begun > p.nth) {
		proof.whole.count(false)
	}
	if own != nil {
		r.hold(p.process, heldStrand{own, p, m.Thread})
	}
}

// leaves takes that a passage is forgotten.
func (r threads) leaves(p *Passage) {
	r.drop(p.own)
	r.dropHeld(p)
}
