package causality

// Process is what the rules know of a process. The zero value is one of threads.
type Process struct {
	Runtime Runtime

	passages int        // kept for it
	open     []*Passage // that are not over, in no order

	handsOff bool              // its requests are answered by other threads than those that read them
	parallel bool              // two of its threads were seen to serve a request each
	loops    map[Executor]bool // threads that serve several requests at once
	proof    threadProof
	held     []heldStrand // the oldest first

	follow   follow
	slices   map[uint32]inSlice  // Go: by thread
	children map[uint64]*Passage // Go: of goroutines that were begun for a request
	heard    map[uint32]heard    // Go: by thread, if it moved nothing since

	readers  map[uint64]*streamReader // Go: goroutines that read requests for those that they begin
	servesOn tally                    // of the latter: how many, and how often one went on behind the answer

	answerers map[uint32]*answerer // threads that answer requests that others have read
	inOrder   tally                // of their answers: how many, and how many threads were seen to do several things at once

	turn   map[uint32]*Strand // by thread: what it has read and not acted on
	turned tally              // answers that followed calls: how many, and how many by chance
	behind tally              // answers to calls: how many, and how many that were read behind another

	order      *loopOrder // of an event loop of Python
	tasks      tasks      // of one, too
	unreadable unreadable

	kinds  kinds
	leads  leads
	calls  tally            // of any kind, and those that a surer rule than soleRequest told
	beside map[uint64]tally // by kind of call: how many, and how many while no request was open
	told   map[uint64]uint8 // by kind of call: how many a surer rule told, up to kindToKnow
}

// loopsKept bounds what is remembered of a process's threads; one with more is taken for one that
// hands its requests on.
const loopsKept = 1024

func (p *Process) isLoop(e Executor) {
	if p.loops == nil {
		p.loops = map[Executor]bool{}
	}
	if p.loops[e] = true; len(p.loops) > loopsKept {
		p.handsOff, p.loops = true, nil
	}
}

func (p *Process) opens(of *Passage) {
	of.openAt = len(p.open)
	p.open = append(p.open, of)
}

func (p *Process) closes(of *Passage) {
	if of.openAt < 0 {
		return
	}
	last := len(p.open) - 1
	p.open[of.openAt] = p.open[last]
	p.open[of.openAt].openAt = of.openAt
	p.open[last], p.open = nil, p.open[:last]
	of.openAt = -1
}

// Carries says that a thread runs virtual threads, one after the other.
func (p *Process) Carries(pid, thread uint32) { p.isLoop(p.On(pid, thread, 0)) }
