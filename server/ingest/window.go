package ingest

import (
	"encoding/json"
	"fmt"
	"sync"
)

const (
	// span of a run's pushes that are told apart one by one. An agent has a few in flight and
	// repeats only those, so the others lie behind.
	windowBits = 1024
	// maxHoles bounds the pushes behind the window that were never acknowledged: refused ones,
	// and those an agent gave up.
	maxHoles = 256
)

// run names one run of an agent.
type run struct {
	agent string
	boot  uint64
}

// outcome is how a push ended; ready is closed when the rest is set.
type outcome struct {
	ready    chan struct{}
	accepted uint64
	rejected rejected
	err      error
}

// window makes a push that comes twice one push: it knows which were acknowledged. It is safe
// for concurrent use.
type window struct {
	mu   sync.Mutex
	runs map[run]*pushes
	max  int // runs
}

// pushes are those of one run: some 200 bytes.
type pushes struct {
	flying map[uint64]*outcome
	acked  acknowledged
	used   int64 // when it was last asked for
}

// acknowledged is which sequence numbers were. All from known to base were, but for the holes;
// bits tells of those from base on; of what lies before known nothing is remembered.
type acknowledged struct {
	Begun bool                    `json:"begun"`
	Known uint64                  `json:"known"`
	Base  uint64                  `json:"base"`
	Bits  [windowBits / 64]uint64 `json:"bits"`
	Holes []uint64                `json:"holes,omitempty"`
}

func (a *acknowledged) has(sequence uint64) bool {
	switch {
	case sequence < a.Known || sequence >= a.Base+windowBits:
		return false
	case sequence >= a.Base:
		return a.Bits[sequence%windowBits/64]>>(sequence%64)&1 != 0
	}
	for _, h := range a.Holes {
		if h == sequence {
			return false
		}
	}
	return true
}

// add notes one. The window moves as far as it must.
func (a *acknowledged) add(sequence uint64) {
	if !a.Begun { // the run may have begun before this server
		a.Begun, a.Base = true, sequence-min(sequence, windowBits/2)
		a.Known = a.Base
	}
	if sequence >= a.Base+2*windowBits { // not a run of pushes: begin anew
		*a = acknowledged{Begun: true, Known: sequence, Base: sequence}
	}
	for sequence >= a.Base+windowBits {
		word := &a.Bits[a.Base%windowBits/64]
		bit := uint64(1) << (a.Base % 64)
		if *word&bit == 0 {
			a.Holes = append(a.Holes, a.Base)
		}
		*word &^= bit
		a.Base++
	}
	if len(a.Holes) > maxHoles {
		a.Known, a.Holes = a.Base, nil
	}
	if sequence >= a.Base {
		a.Bits[sequence%windowBits/64] |= 1 << (sequence % 64)
		return
	}
	for i, h := range a.Holes {
		if h == sequence {
			a.Holes = append(a.Holes[:i], a.Holes[i+1:]...)
			return
		}
	}
}

func newWindow(maxRuns int) *window {
	return &window{runs: map[run]*pushes{}, max: maxRuns}
}

// begin is the push's outcome and whether the caller is the one who must bring it about by
// calling end. Others wait for ready. Of a push that was acknowledged before the outcome is
// that all its rows are stored.
func (w *window) begin(r run, sequence, rows uint64, now int64) (*outcome, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.of(r)
	p.used = now
	if o := p.flying[sequence]; o != nil {
		return o, false
	}
	o := &outcome{ready: make(chan struct{})}
	if p.acked.has(sequence) {
		o.accepted = rows
		close(o.ready)
		return o, false
	}
	if p.flying == nil {
		p.flying = map[uint64]*outcome{}
	}
	p.flying[sequence] = o
	return o, true
}

// of is a run's pushes; w.mu is held.
func (w *window) of(r run) *pushes {
	p := w.runs[r]
	if p == nil {
		w.evict()
		p = &pushes{}
		w.runs[r] = p
	}
	return p
}

// end makes the outcome known. Only success is remembered: what failed may be tried again.
func (w *window) end(r run, sequence uint64, o *outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer close(o.ready)
	p := w.runs[r]
	if p == nil || p.flying[sequence] != o {
		return // evicted meanwhile
	}
	delete(p.flying, sequence)
	if o.err == nil {
		p.acked.add(sequence)
	}
}

// stored notes a push that an earlier run of the server acknowledged.
func (w *window) stored(r run, sequence uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.of(r).acked.add(sequence)
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

// remembered is a run in a snapshot.
type remembered struct {
	Agent string       `json:"agent"`
	Boot  uint64       `json:"boot"`
	Acked acknowledged `json:"acked"`
}

// snapshot is what was acknowledged, to be read by restore.
func (w *window) snapshot() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]remembered, 0, len(w.runs))
	for r, p := range w.runs {
		all = append(all, remembered{r.agent, r.boot, p.acked})
	}
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // numbers and texts
	}
	return data
}

// restore takes a snapshot in.
func (w *window) restore(data []byte) error {
	var all []remembered
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("what was acknowledged: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range all {
		w.of(run{r.Agent, r.Boot}).acked = r.Acked
	}
	return nil
}
