package export

import (
	"slices"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// waiting is a group of spans of which some came lately.
type waiting struct {
	group span.GroupID
	id    string // by which its trace is looked up
	rows  int    // spans that came
	last  time.Time
	due   time.Time
}

// pending are the groups whose traces are not complete yet, the first due first.
type pending struct {
	mu    sync.Mutex
	at    map[span.GroupID]*waiting
	order []*waiting // of traces
	later []*waiting // of other groups: mostly they are sent with their trace, before they are due
	most  int
	wait  time.Duration
}

func newPending(most int, wait time.Duration) *pending {
	return &pending{at: map[span.GroupID]*waiting{}, most: most, wait: wait}
}

// add notes the spans of a batch, and returns how many there was no room for.
func (p *pending) add(b *span.Batch, now time.Time) (dropped int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range b.Len() {
		group := span.Group(b.TraceID[i], b.RequestSeq[i], b.ResponseSeq[i], b.Passage[i], b.ID[i])
		w := p.at[group]
		if w == nil {
			if len(p.at) >= p.most {
				dropped++
				continue
			}
			w = &waiting{group: group, due: now.Add(p.wait)}
			if group.IsTrace() {
				w.id = b.TraceID[i].String()
				p.order = append(p.order, w)
			} else {
				w.id, w.due = span.FormatID(b.ID[i]), w.due.Add(p.wait/2)
				p.later = append(p.later, w)
			}
			p.at[group] = w
		}
		w.rows++
		w.last = now
	}
	return dropped
}

// take takes what is due.
func (p *pending) take(now time.Time) (due []*waiting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range []*[]*waiting{&p.order, &p.later} {
		n := 0
		for n < len(*list) && !(*list)[n].due.After(now) {
			due = append(due, (*list)[n])
			delete(p.at, (*list)[n].group)
			n++
		}
		*list = (*list)[n:]
	}
	return due
}

// left are the groups that still wait.
func (p *pending) left() []*waiting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(slices.Clone(p.order), p.later...)
}

// recent is a set that forgets: it keeps what came in the last two of its times.
type recent[K comparable, V any] struct {
	now, before map[K]V
	every       time.Duration
	turned      time.Time
	most        int
}

func newRecent[K comparable, V any](every time.Duration, most int) *recent[K, V] {
	return &recent[K, V]{now: map[K]V{}, every: every, most: most}
}

func (r *recent[K, V]) get(k K) (v V, ok bool) {
	if v, ok = r.now[k]; !ok {
		v, ok = r.before[k]
	}
	return v, ok
}

func (r *recent[K, V]) put(k K, v V, at time.Time) {
	if at.Sub(r.turned) > r.every || len(r.now) >= r.most {
		r.before, r.now, r.turned = r.now, map[K]V{}, at
	}
	r.now[k] = v
}
