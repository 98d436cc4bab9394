package export

import (
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

const (
	// parcelBytes is the memory of a parcel that is sent; the batch of one large request may have more.
	parcelBytes = 8 << 20
	// largestBytes is the most that a batch brings into a parcel: a larger one is cut. A row has 4 MiB
	// at most, so a parcel is well below wire.MaxMessage.
	largestBytes = 16 << 20
	mostRows     = wire.MaxRows / 2
)

// parcel is a batch on its way.
type parcel struct {
	batch    *span.Batch
	sequence uint64
	bytes    int           // when it is sealed
	resource int           // bytes of its OTel resources
	keys     []Key         // of the requests that are in it
	senders  int           // who wait for the answer
	timer    *time.Timer   // until it is ripe
	ripe     bool          // has waited long enough
	early    bool          // need not wait, once no other is under way
	done     chan struct{} // closed when the server has answered for good
	err      error         // readable then
	// rejections are rows that the server left out, readable then.
	rejections []*wire.Rejection
}

func (p *parcel) finish(err error) {
	p.err = err
	close(p.done)
}

// batches keeps the memory of batches that were sent.
var batches = sync.Pool{New: func() any { return new(span.Batch) }}

// parcel is the one that takes spans. It is called with the lock held.
func (q *Queue) parcel() *parcel {
	if q.open == nil {
		p := &parcel{batch: batches.Get().(*span.Batch), done: make(chan struct{})}
		q.open = p
		p.timer = time.AfterFunc(q.config.Linger, func() { q.ripen(p) })
	}
	return q.open
}

// ripen seals a parcel that has waited long enough. Where all workers wait for the server
// it goes on taking spans until one is free: many small parcels behind a slow store would
// make it slower still.
func (q *Queue) ripen(p *parcel) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open != p {
		return
	}
	p.ripe = true
	if q.flying+len(q.sealed) < q.config.Workers {
		q.seal(p)
	}
}

// seal gives the open parcel to the workers. It is called with the lock held.
func (q *Queue) seal(p *parcel) {
	q.open = nil
	p.timer.Stop()
	if p.batch.Len() == 0 && len(p.batch.Edges) == 0 {
		p.finish(nil)
		return
	}
	q.sequence++
	p.sequence = q.sequence
	p.bytes = p.size()
	q.bytes += p.bytes
	q.sealed = append(q.sealed, p)
	q.ready.Signal()
}

// take waits for a sealed parcel; nil when the queue is closed.
func (q *Queue) take() *parcel {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.sealed) == 0 && !q.closed {
		if p := q.open; p != nil && (p.ripe || p.early && q.flying == 0) {
			q.seal(p)
		} else {
			q.ready.Wait()
		}
	}
	if len(q.sealed) == 0 || q.closed {
		return nil
	}
	p := q.sealed[0]
	q.sealed[0] = nil
	q.sealed = q.sealed[1:]
	q.flying++
	return p
}

// settle is done with a parcel.
func (q *Queue) settle(p *parcel, err error) {
	q.mu.Lock()
	q.flying--
	q.spans -= p.batch.Len()
	q.bytes -= p.bytes
	for _, k := range p.keys {
		delete(q.underWay, k)
	}
	if err == nil && len(p.keys) > 0 {
		q.log.requests.add(p.keys)
	}
	q.senders.answered(p.senders, err, time.Now())
	q.landed.Broadcast()
	q.mu.Unlock()
	p.finish(err)
	if p.bytes <= parcelBytes { // a larger one would stay that large
		p.batch.Reset()
		batches.Put(p.batch)
	}
	p.batch = nil // somebody may keep the parcel for its answer
}

// size is about how many bytes of memory a parcel takes.
func (p *parcel) size() int { return p.batch.Size() + p.resource }
