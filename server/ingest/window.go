package ingest

import (
	"sync"
)

// remembered is how many acknowledged pushes of one run of an agent are kept in mind. An
// agent repeats only what is not acknowledged, so a few times its pushes in flight do.
const remembered = 1024

// run names one run of an agent.
type run struct {
	agent string
	boot  uint64
}

// outcome is how a push ended; ready is closed when the rest is set.
type outcome struct {
	ready    chan struct{}
	accepted uint64
	rejected uint64
	message  string
	err      error
}

// window makes a push that comes twice one push. It is safe for concurrent use.
type window struct {
	mu   sync.Mutex
	runs map[run]*pushes
	max  int // runs
}

type pushes struct {
	bySequence map[uint64]*outcome
	order      []uint64 // acknowledged, oldest first
	used       int64    // when it was last asked for
}

func newWindow(maxRuns int) *window {
	return &window{runs: map[run]*pushes{}, max: maxRuns}
}

// begin is the push's outcome and whether the caller is the one who must bring it about by
// calling end. Others wait for ready.
func (w *window) begin(r run, sequence uint64, now int64) (*outcome, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.runs[r]
	if p == nil {
		w.evict()
		p = &pushes{bySequence: map[uint64]*outcome{}}
		w.runs[r] = p
	}
	p.used = now
	if o := p.bySequence[sequence]; o != nil {
		return o, false
	}
	o := &outcome{ready: make(chan struct{})}
	p.bySequence[sequence] = o
	return o, true
}

// end makes the outcome known. Only success is remembered: what failed may be tried again.
func (w *window) end(r run, sequence uint64, o *outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer close(o.ready)
	p := w.runs[r]
	if p == nil || p.bySequence[sequence] != o {
		return // evicted meanwhile
	}
	if o.err != nil {
		delete(p.bySequence, sequence)
		return
	}
	p.order = append(p.order, sequence)
	if len(p.order) > remembered {
		delete(p.bySequence, p.order[0])
		p.order = p.order[1:]
	}
}

// evict makes room for one more run by dropping the one not used for longest; w.mu is held.
func (w *window) evict() {
	if len(w.runs) < w.max {
		return
	}
	var oldest run
	var at int64
	first := true
	for r, p := range w.runs {
		if first || p.used < at {
			oldest, at, first = r, p.used, false
		}
	}
	delete(w.runs, oldest)
}
