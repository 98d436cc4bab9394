package otlp

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// room is the memory of the requests under way: their bodies, and the rows that are made of them. No
// sender gets more than half of it, and who sends slowly holds none that another needs.
type room struct {
	mu      sync.Mutex
	most    int64
	used    int64
	senders map[netip.Addr]int64
	reading map[*hold]struct{} // whose bodies are not yet whole
	now     func() time.Time
}

func newRoom(most int64) *room {
	return &room{most: most, senders: map[netip.Addr]int64{}, reading: map[*hold]struct{}{}, now: time.Now}
}

// SetMaxMemory changes the bound on the bytes of all requests under way; 0: 128 MiB.
func (r *Receiver) SetMaxMemory(bytes int64) {
	r.room.mu.Lock()
	defer r.room.mu.Unlock()
	r.room.most = cmp.Or(bytes, defaultMemory)
}

// share is what one sender may have.
func (r *room) share() int64 { return r.most / 2 }

// hold is the memory of one request.
type hold struct {
	room  *room
	from  netip.Addr
	bytes int64

	// Of a body that is being read.
	stop        func() // ends the reading
	began, last time.Time
	ended       bool // to make room for others
}

// begin begins to read a body of a sender; stop makes its reader return, soon.
func (r *room) begin(from netip.Addr, stop func()) *hold {
	h := &hold{room: r, from: from, stop: stop, began: r.now()}
	h.last = h.began
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading[h] = struct{}{}
	return h
}

// grow asks for more memory, before it is taken.
func (h *hold) grow(n int64) error {
	r := h.room
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if h.ended {
		return errSlow
	}
	if h.bytes+n > r.share() {
		return &refusal{http.StatusRequestEntityTooLarge, codes.InvalidArgument, fmt.Sprintf("the request takes more than %d bytes of memory: send smaller batches", r.share()), 0}
	}
	h.last = now
	for r.senders[h.from]+n > r.share() {
		if !r.end(now, func(other *hold) bool { return other.from == h.from }) {
			return errShare
		}
	}
	for r.used+n > r.most {
		if !r.end(now, func(*hold) bool { return true }) {
			return errBusy
		}
	}
	h.add(n)
	return nil
}

// add accounts for memory. The lock is held.
func (h *hold) add(n int64) {
	h.bytes += n
	h.room.used += n
	if h.room.senders[h.from] += n; h.room.senders[h.from] == 0 {
		delete(h.room.senders, h.from)
	}
}

// What a body that is being read must do to keep its memory when another needs it.
const (
	longestPause = time.Second
	slowestRate  = 64 << 10 // bytes per second, after the first second
)

// end ends the reading of the slowest body of those asked for. Its memory is given to others at once,
// though its reader needs a moment to let go of it. The lock is held.
func (r *room) end(now time.Time, of func(*hold) bool) bool {
	var slowest *hold
	for h := range r.reading {
		slow := now.Sub(h.last) > longestPause || now.Sub(h.began) > longestPause && float64(h.bytes) < now.Sub(h.began).Seconds()*slowestRate
		if slow && h.bytes > 0 && of(h) && (slowest == nil || h.last.Before(slowest.last)) {
			slowest = h
		}
	}
	if slowest == nil {
		return false
	}
	slowest.ended = true
	delete(r.reading, slowest)
	slowest.add(-slowest.bytes)
	slowest.stop()
	return true
}

// whole notes that the body was read.
func (h *hold) whole() error {
	h.room.mu.Lock()
	defer h.room.mu.Unlock()
	delete(h.room.reading, h)
	if h.ended {
		return errSlow
	}
	return nil
}

// free gives all memory back.
func (h *hold) free() {
	h.room.mu.Lock()
	defer h.room.mu.Unlock()
	delete(h.room.reading, h)
	h.add(-h.bytes)
}
