package causality

import (
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// heldStrand is one of which all is known but whether to believe it: a thread has made its calls and answered a request, and it is not known
// yet how the process's threads work.
type heldStrand struct {
	strand *Strand
	of     *Passage
	thread uint32
}

// heldKept bounds these, in a process. None waits for longer than its request is kept (passageLinger).
const heldKept = 256

// hold keeps a strand until it is known whether to believe it.
func (t strands) hold(in *Process, h heldStrand) {
	if len(in.held) >= heldKept {
		t.drop(in.held[0].strand)
		in.held = slices.Delete(in.held, 0, 1)
	}
	in.held = append(in.held, h)
}

// release tells those of a process that are believed now. In a process that hands requests on each thread is asked for itself.
func (t strands) release(in *Process) {
	t.letGo(in, func(h heldStrand) (told, over bool) {
		if !in.handsOff {
			return in.proof.known(), false
		}
		w := in.answerers[h.thread]
		return w != nil && !w.several && (w.answers > answersToKnow || in.oneByOne()), w != nil && w.several
	})
}

// dropHeld drops those of a request.
func (t strands) dropHeld(of *Passage) {
	t.letGo(of.process, func(h heldStrand) (told, over bool) { return false, h.of == of })
}

func (t strands) letGo(in *Process, judge func(heldStrand) (told, over bool)) {
	if len(in.held) == 0 {
		return
	}
	in.held = slices.DeleteFunc(in.held, func(h heldStrand) bool {
		told, over := judge(h)
		switch {
		case told:
			t.told(h.strand, h.of, span.RuleAnswerThread)
		case over:
			t.drop(h.strand)
		}
		return told || over
	})
}
