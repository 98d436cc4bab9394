package causality

// Runtime is what carries a program's requests.
type Runtime uint8

// The runtimes.
const (
	Threads Runtime = iota // a thread stands for what runs on it
	Go                     // goroutines, whose ids are known
	Unknown                // neither thread nor goroutine proves anything
)

// Process is what the rules know of a process. The zero value is one of threads.
type Process struct {
	Runtime Runtime

	passages int                 // kept for it
	handsOff bool                // its requests are answered by other threads than those that read them
	loops    map[Executor]bool   // threads that serve several requests at once
	slices   map[uint32]inSlice  // Go: by thread
	children map[uint64]*Passage // Go: of goroutines that were begun for a request
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
