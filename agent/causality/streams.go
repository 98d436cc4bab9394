package causality

import "slices"

// Whose goroutine serves which of the requests that come by one connection at once.
//
// Evidence: grpc-go's reader (transport.HandleStreams) begins a goroutine for each request whose header it has read, in their order.
// Who writes as such a reader's child serves one of its requests:
//   - the only one of which it is not known who serves it;
//   - the latest, if it runs in what is left of the slice in which the reader read that, and only that: it began it last;
//   - the latest of several that were read at once, if its number says so, too: a P numbers the goroutines that are begun on it, in
//     blocks of 16 (runtime.newproc1, p.goidcache). So its number and that of the one that is known to have been begun before it on the
//     P are as far apart as their requests, or by blocks more. A reader may have been stopped behind some of what it has read: that is
//     what the number is asked for;
//   - one of those between two that are no farther apart than their requests: nothing else was begun there.
//
// Of 6,400 calls for requests that came at 16 at once by one connection a third are told so; of 14,300 at 1, 16 and 64 one was, wrongly (test/accuracy).
//
// Where several are left nothing is said, and nothing in a program whose readers' children go on to serve what others have read.
//
// Gate: Go, in processes that are followed. net/http's server of HTTP/2 begins its handlers by another goroutine than reads.

const (
	// goidBlock is how many numbers a P takes at once (_GoidCacheBatch).
	goidBlock = 16
	// streamsKept bounds the requests of a reader whose goroutines are looked for.
	streamsKept = 256
	// readersKept bounds the readers of a process, and the Ps of one, most of which may have ended.
	readersKept = 1024
	// begunBesideSeldom: of numbers, one in so many that tells that something else was begun is too many to take a gap for one of blocks.
	begunBesideSeldom = 20
	// servesOnSeldom: of goroutines of requests, one in so many that goes on behind the answer is too many.
	servesOnSeldom = 20
)

// streamReader is a goroutine that reads requests of many at once.
type streamReader struct {
	streams []stream // whose goroutines are not known, in the order in which they were read
	slice   Slice    // in which the latest was read
	thread  uint32
	run     int // how many were read in it
	begun   map[int32]*begunOn
	blocks  goidBlocks
	beside  tally // of the numbers: how many, and how many that tell that something else was begun before them
}

// begunOn is what a reader has begun on a P.
type begunOn struct {
	n         uint64 // requests that it has read there
	goroutine uint64 // the latest that is known; 0: none is
	at        uint64 // which of them that serves
}

// stream is a request that a reader has read.
type stream struct {
	passage *Passage
	p       int32
	at      uint64 // it is the at-th that was read on that P
	expects uint64 // the goroutine that serves it; 0: not known
}

// reads takes that the moment's goroutine has read a request for another one, which it begins.
func (r *goroutines) reads(p *Passage, m *Moment) {
	if p == nil || m.Process.Runtime != Go || !m.Slice.Known || !m.Executor.known() {
		return
	}
	rd := m.Process.readers[m.Executor.ID]
	if rd == nil {
		if m.Process.readers == nil || len(m.Process.readers) >= readersKept {
			m.Process.readers = map[uint64]*streamReader{}
		}
		rd = &streamReader{begun: map[int32]*begunOn{}}
		m.Process.readers[m.Executor.ID] = rd
	}
	rd.forget()
	if len(rd.streams) >= streamsKept {
		rd.streams = slices.Delete(rd.streams, 0, 1)
	}
	if rd.slice != m.Slice || rd.thread != m.Thread {
		rd.slice, rd.thread, rd.run = m.Slice, m.Thread, 0
	}
	rd.run++
	on := rd.begun[m.Slice.P]
	if on == nil {
		if len(rd.begun) >= readersKept {
			clear(rd.begun)
		}
		on = &begunOn{}
		rd.begun[m.Slice.P] = on
	}
	on.n++
	rd.streams = append(rd.streams, stream{passage: p, p: m.Slice.P, at: on.n})
}

// forget forgets what is answered.
func (rd *streamReader) forget() {
	rd.streams = slices.DeleteFunc(rd.streams, func(s stream) bool { return s.passage.answered != 0 || s.passage.ended })
}

// stream is the request that a goroutine serves which a reader has begun; nil: that is not known.
func (r *goroutines) stream(m *Moment, goroutine, reader uint64) *Passage {
	rd := m.Process.readers[reader]
	if rd == nil || !m.Process.servesOn.seldom(servesOnSeldom) {
		return nil
	}
	rd.forget()
	i := slices.IndexFunc(rd.streams, func(s stream) bool { return s.expects == goroutine })
	if i < 0 {
		i = rd.latest(goroutine, m.lastInSlice())
	}
	if i < 0 && len(rd.streams) == 1 && rd.streams[0].expects == 0 {
		i = 0
	}
	if i < 0 {
		return nil
	}
	found := rd.streams[i]
	rd.streams = slices.Delete(rd.streams, i, i+1)
	rd.learn(&found, goroutine)
	m.Process.servesOn.count(false)
	return found.passage
}

// latest is the place of the stream that was read last, if a goroutine that runs in a slice is seen to serve that: what
// was seen last in the slice is its passage. -1: it is not.
func (rd *streamReader) latest(goroutine uint64, last *Passage) int {
	i := len(rd.streams) - 1
	if i < 0 || last == nil {
		return -1
	}
	s := &rd.streams[i]
	on := rd.begun[s.p]
	if s.passage != last || s.expects != 0 || on == nil || s.at != on.n {
		return -1
	}
	if rd.run == 1 || on.follows(s.at, goroutine) {
		return i
	}
	return -1
}

// learn takes which goroutine serves a stream: those between it and the one before are known, too, if nothing else was begun there.
func (rd *streamReader) learn(s *stream, goroutine uint64) {
	on := rd.begun[s.p]
	if on == nil || s.at <= on.at {
		return
	}
	follows := on.follows(s.at, goroutine)
	if on.goroutine != 0 {
		rd.beside.count(!follows)
	}
	if follows && (goroutine-on.goroutine == s.at-on.at || rd.beside.seldom(begunBesideSeldom)) {
		first, ok := rd.blocks.split(on.goroutine, goroutine, s.at-on.at)
		for i := range rd.streams {
			k := &rd.streams[i]
			switch {
			case !ok || k.p != s.p || k.at <= on.at || k.at >= s.at:
			case k.at-on.at <= first:
				k.expects = on.goroutine + (k.at - on.at)
			default:
				k.expects = goroutine - (s.at - k.at)
			}
		}
	}
	on.goroutine, on.at = goroutine, s.at
}

// follows reports whether the number of a goroutine is what that of the at-th request is, if the P has begun nothing else since the
// latest that is known.
func (on *begunOn) follows(at, goroutine uint64) bool {
	return on.goroutine != 0 && at > on.at && goroutine > on.goroutine && (goroutine-on.goroutine-(at-on.at))%goidBlock == 0
}

// goidBlocks are where blocks of numbers may end: a bit for each remainder; 0: nothing is known.
type goidBlocks uint16

// split takes that on a P so many goroutines were begun behind one, the last of which has a number, and tells how many of them are in the
// first one's block; false: that is not known.
func (b *goidBlocks) split(first, last, n uint64) (in uint64, ok bool) {
	if last-first == n {
		return n, true
	}
	if n > goidBlock {
		return 0, false
	}
	var ends goidBlocks
	for k := range n { // in the first block behind the first
		ends |= 1 << ((first + k) % goidBlock)
	}
	if *b &= ends; *b == 0 {
		*b = ends
	}
	for k := range n {
		if *b == 1<<((first+k)%goidBlock) {
			return k, true
		}
	}
	return 0, false
}
