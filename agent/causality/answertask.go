package causality

import (
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// answerTask is the rule that what a task of an event loop sends belongs to the request that it answers next.
//
// Evidence: asyncio runs each step of a task in a context (PEP 567) that is the task's own, and what a task writes goes out
// within the step: its context, which lies at an address of its own, is told with the system call. uvicorn has a task for each
// request, aiohttp one for each connection. What other tasks do for a request (asyncio.gather) is not told. Of 4,000 calls by httpx and
// aiomysql at 16 and 64 at once, most of them in another order than their requests, all were told, and none wrongly.
//
// Addresses are used again. So a call counts for a request only if that was open when the call was made, and no request that was
// answered in the same context meanwhile was.
//
// Gate: Python with asyncio whose tasks write themselves (TasksWrite), once several requests that were open at once were seen to
// be answered in contexts of their own. What this rule does not tell, kindOrder may.
type answerTask struct {
	deaf
	strands
}

// tasks is what the rule knows of a process.
type tasks struct {
	of    map[uint64]*task
	calls []*taskCall // of which it is not known yet whose they are, in order
	swept int64

	// Of the answers to requests while others were open: how many, and how many in a context in which one of those had been answered.
	seen tally
}

// task is a task, or those that had the same address one after the other.
type task struct {
	calls    []*taskCall // that it has made since its latest answer
	answered int64       // when that began; 0: never
	by       *Connection // it went by
}

// taskCall is a call, and when it was made.
type taskCall struct {
	strand *Strand
	at     int64
}

const (
	// tasksToKnow is how many answers tell that requests have contexts of their own.
	tasksToKnow = 4
	// tasksMixed: one answer in so many of a task that serves several at once is too many.
	tasksMixed = 100
	// tasksKept bounds what is remembered of a process's tasks, and the calls.
	tasksKept = 4096
	// tasksSweep is how often the calls are dropped that no request can have made that is still open.
	tasksSweep = 100 * time.Millisecond
)

// known reports whether the process's tasks tell whose its calls are.
func (t *tasks) known() bool { return t.seen.all >= tasksToKnow && t.seen.seldom(tasksMixed) }

func (*answerTask) claim(*Moment) Claim { return 0 } // it is told later: see Strand

// calls takes a call. p is whose it is by another rule, on.strand what order may tell of it. It is nobody's if no request is open.
func (r *answerTask) calls(p *Passage, m *Moment, on *Connection) {
	on.task = nil
	if m.Task == 0 || p != nil {
		return
	}
	known := &m.Process.tasks
	if r.sweep(m); len(m.Process.open) == 0 {
		return
	}
	if len(known.calls) >= tasksKept {
		r.dropAll(known)
	}
	c := &taskCall{&Strand{process: m.Process, inTask: true, order: on.strand}, m.Time}
	if on.strand != nil {
		on.strand.calledIn = append(on.strand.calledIn, c.strand)
	}
	of := known.task(m.Task)
	of.calls, known.calls, on.task = append(of.calls, c), append(known.calls, c), c.strand
}

func (r *answerTask) answer(p *Passage, m *Moment) {
	if m.Task == 0 || m.Process.Runtime != AsyncIO {
		return
	}
	known := &m.Process.tasks
	of := known.task(m.Task)
	mixed := of.answered > p.began && of.by != p.by // requests that were sent behind one another are answered so, too
	if mixed || len(m.Process.open) > 1 {
		known.seen.count(mixed)
	}
	for _, c := range of.calls {
		if !mixed && c.at >= p.began && known.known() {
			r.told(c.strand, p, span.RuleAnswerTask)
		}
	}
	of.calls, of.answered, of.by = nil, m.Time, p.by
	r.sweep(m)
}

func (r *answerTask) end(p *Passage) {
	if len(p.process.open) == 0 {
		r.dropAll(&p.process.tasks)
	}
}

func (r *answerTask) leave(p *Passage) { r.end(p) }

// task is that at an address.
func (t *tasks) task(address uint64) *task {
	of := t.of[address]
	if of == nil {
		if t.of == nil || len(t.of) >= tasksKept {
			t.shrink()
		}
		of = &task{}
		t.of[address] = of
	}
	return of
}

// shrink forgets the tasks of which no calls wait.
func (t *tasks) shrink() {
	kept := map[uint64]*task{}
	for address, of := range t.of {
		if len(of.calls) > 0 {
			kept[address] = of
		}
	}
	if len(kept) > tasksKept/2 {
		kept = map[uint64]*task{}
	}
	t.of = kept
}

// sweep drops the calls that were made before the oldest request that is open, now and then.
func (r *answerTask) sweep(m *Moment) {
	known := &m.Process.tasks
	if m.Time-known.swept < int64(tasksSweep) {
		return
	}
	known.swept = m.Time
	oldest := m.Time
	for _, p := range m.Process.open {
		oldest = min(oldest, p.began)
	}
	n, kept := 0, known.calls[:0]
	for ; n < len(known.calls) && known.calls[n].at < oldest; n++ {
		r.drop(known.calls[n].strand)
	}
	for _, c := range known.calls[n:] {
		if !c.strand.over {
			kept = append(kept, c)
		}
	}
	clear(known.calls[len(kept):])
	known.calls = kept
	for _, of := range known.of {
		of.calls = slices.DeleteFunc(of.calls, func(c *taskCall) bool { return c.strand.over })
	}
}

// dropAll drops all calls that wait.
func (r *answerTask) dropAll(known *tasks) {
	for _, c := range known.calls {
		r.drop(c.strand)
	}
	known.calls = nil // its task's list is cleaned up at the next sweep
}
