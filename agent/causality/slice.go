package causality

import "github.com/throughline-io/throughline/pkg/span"

// Slice is a time slice of Go's scheduler: the P on which goroutines run, and the how manieth of it. Its zero
// value is one that is not known.
type Slice struct {
	Known bool
	P     int32
	Count uint32
}

// inSlice is what was seen last on a thread, and in which slice.
type inSlice struct {
	slice   Slice
	passage *Passage
	writer  uint64 // goroutine that wrote a request for another
}

// slicesKept bounds what is remembered of a process's threads, most of which may have ended.
const slicesKept = 4096

// saw takes of which passage a call is, and by which rule; nil: of none that is known.
func (m *Moment) saw(p *Passage, by span.PassageRule) {
	switch {
	case !m.Out && !m.Executor.known(): // it is not asked who reads an answer of HTTP: mostly, too, another goroutine
		delete(m.Process.slices, m.Thread)
	case !m.Slice.Known:
	case m.Asks && by != span.RuleGoroutine: // what it does is not its own
		last := m.Process.slices[m.Thread]
		if last.slice != m.Slice {
			last = inSlice{slice: m.Slice}
		}
		last.writer = m.Executor.ID
		m.keep(last)
	case p != nil:
		m.ran(p)
	case !m.Out: // another goroutine reads: what it wakes is not the passage's
		delete(m.Process.slices, m.Thread)
	}
}

// ran says that something of a passage was seen.
func (m *Moment) ran(p *Passage) {
	if m.Slice.Known {
		m.keep(inSlice{slice: m.Slice, passage: p})
	}
}

func (m *Moment) keep(last inSlice) {
	p := m.Process
	if p.slices == nil || len(p.slices) >= slicesKept {
		p.slices = map[uint32]inSlice{}
	}
	p.slices[m.Thread] = last
}

// wroteInSlice reports whether the goroutine has written a request in the moment's slice already.
func (m *Moment) wroteInSlice() bool {
	last := m.Process.slices[m.Thread]
	return last.slice == m.Slice && last.writer == m.Executor.ID
}

// lastInSlice is the passage that was seen last in the moment's slice, if it is not answered.
func (m *Moment) lastInSlice() *Passage {
	last := m.Process.slices[m.Thread]
	if last.passage == nil || last.slice != m.Slice || last.passage.answered != 0 {
		return nil
	}
	return last.passage
}
