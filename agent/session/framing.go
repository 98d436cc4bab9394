package session

import "github.com/throughline-io/throughline/agent/l7"

// framing is where in its frames a direction is.
type framing struct {
	inMessage bool // a frame, or what may become one, has begun
	headDone  bool
	kind      l7.Kind
	key       uint64
	asking    bool     // the frame is of a request, else of an answer
	open      l7.State // Open or UntilClose: the frame has no known end
	gap       gap      // behind the last message

	buf   []byte // captured bytes that were too few to be told
	skip  uint64 // bytes to pass without looking
	after after  // what is reached then

	own  Message  // until a session takes it over
	msg  *Message // own, or the session's
	sess *Session // the frame's
}

// after is what follows the bytes that are passed.
type after uint8

const (
	askBytes   after = iota // ask the dialogue as soon as there are bytes
	askNow                  // ask even without: a message may end with its header
	endMessage              // the frame's end
	turnOpaque              // its end, and that of what can be read
)

// window is what is left of a segment, and before it what was kept of earlier ones.
type window struct {
	view []byte // captured
	tail int    // bytes behind view that were not
}

func (w *window) left() int { return len(w.view) + w.tail }

// pass steps over up to n bytes and returns how many there were.
func (w *window) pass(n uint64) uint64 {
	got := min(n, uint64(w.left()))
	front := min(got, uint64(len(w.view)))
	w.view = w.view[front:]
	w.tail -= int(got - front)
	return got
}

// take frames a segment that lies where the stream is.
func (d *direction) take(s *Segment) {
	d.next = s.Seq + uint32(s.Len)
	d.seen, d.seenTick = max(d.seen, s.Exit), d.c.tick
	if r := d.c.requests(); r != nil && r != d && !d.c.multiplexed { // it is the server's turn
		if r.open != 0 {
			r.endOpen()
		}
		if len(r.held) > 0 && len(d.c.pending) == 0 {
			r.giveUpGap() // what is answered has arrived: what is missing was not captured
		}
	}
	kept := len(d.buf) > 0
	w := window{view: s.Data, tail: s.Len - len(s.Data)}
	if kept {
		d.buf = append(d.buf, s.Data...)
		w.view = d.buf
	}
	for !d.c.opaque {
		if d.skip > 0 {
			n := w.pass(d.skip)
			d.account(s, n)
			if d.skip -= n; d.skip > 0 {
				break
			}
		}
		switch d.after {
		case endMessage:
			d.finish()
			continue
		case turnOpaque:
			d.finish()
			d.c.goOpaque()
			return
		case askBytes:
			if w.left() == 0 {
				d.forgetBuffer()
				return
			}
		}
		d.after = askBytes
		known := d.c.protocol != nil
		switch d.step(s, &w) {
		case l7.More:
			d.touch(s)
			if kept {
				d.buf = d.buf[:copy(d.buf, w.view)]
			} else {
				d.buf = append(d.buf[:0], w.view...)
			}
			return
		case l7.Bad:
			d.dropMessage()
			if !kept {
				if known || d.c.protocol != nil { // else it is told as one of no known protocol
					d.c.count.noStart.Add(1)
				}
				d.forgetBuffer()
				return
			}
			// What was kept was no message's beginning; this segment may be one.
			kept = false
			w = window{view: s.Data, tail: s.Len - len(s.Data)}
		}
	}
	d.forgetBuffer()
}

// step asks the dialogue once and does what it says. It returns More, Bad, or another
// state when the loop may go on.
func (d *direction) step(s *Segment, w *window) l7.State {
	if !d.inMessage {
		d.begin(s, w)
	}
	missing := w.tail
	if len(d.buf) >= maxHead {
		missing++ // enough was waited for
	}
	if st := d.sync(w.view, missing); st != l7.Head {
		return st
	}
	var step l7.Step
	if d.fromClient() {
		step = d.c.dialogue.Request(w.view, missing, d)
	} else {
		step = d.c.dialogue.Response(w.view, missing, d)
	}
	switch step.State {
	case l7.More:
		if missing > 0 {
			return d.unframed(s, w, l7.Open)
		}
		return l7.More
	case l7.Bad:
		if d.headDone {
			return d.unframed(s, w, l7.Open)
		}
		d.c.refute(d.outgoing)
		return l7.Bad
	case l7.Open, l7.UntilClose:
		return d.unframed(s, w, step.State)
	case l7.Head:
		d.synced, d.headDone = true, true
		d.after = askNow
		d.touch(s)
		d.own.Head = callOf(s)
		d.c.misses = 0
		d.c.confirm(d.outgoing)
		if step.Becomes != nil {
			d.c.protocol = step.Becomes
		}
		d.header(&step, s)
		if step.Becomes != nil {
			d.goesOn()
		}
	case l7.Body:
		d.open = 0 // found again, if it was lost
	case l7.End:
		d.mayOwe()
		d.open = 0
		d.after = endMessage
	case l7.Opaque:
		d.after = turnOpaque
	}
	d.skip = step.Advance
	return step.State
}

// sync tells whether the dialogue may be asked (Head): not before the protocol is known,
// nor, where the stream is not followed, before a message seems to begin.
func (d *direction) sync(view []byte, missing int) l7.State {
	c := d.c
	if c.protocol == nil {
		wait := len(d.buf) > 0 || c.mayLook(d.outgoing) // what was kept is looked at until it can be told
		switch p, m := l7.ReadPreamble(view); {
		case m == l7.MatchRequest && p.Size > 0:
			c.attributes = p.Attributes()
			d.skip, d.after = uint64(p.Size), endMessage
			c.count.aside.Add(1)
			return l7.Body
		case m == l7.MatchMore && missing == 0 && wait:
			return l7.More
		}
		p, m := c.detect(view)
		switch {
		case p != nil:
			c.recognize(p, m, d.outgoing)
			d.synced = true
		case m == l7.MatchMore && missing == 0 && wait:
			return l7.More
		default:
			c.count.unknown.Add(1)
			if wait {
				c.looked()
			}
			return l7.Bad
		}
	}
	if d.synced || d.headDone || !d.fromClient() && d.isAwaited() && !c.multiplexed {
		return l7.Head
	}
	switch m := c.protocol.Resume(view, missing); {
	case m == l7.MatchMore && missing == 0:
		return l7.More
	case m == l7.MatchRequest && d.fromClient(), m == l7.MatchResponse && !d.fromClient(), m == l7.MatchEither:
		return l7.Head
	}
	return l7.Bad
}

// fromClient reports whether the direction is from who opened the connection.
func (d *direction) fromClient() bool { return d.outgoing == d.c.clientOut }

// begin opens a message at the window's start.
func (d *direction) begin(s *Segment, w *window) {
	d.inMessage, d.headDone, d.open = true, false, 0
	d.msg = &d.own
	d.own = Message{} // in its place: bytes of unknown protocols begin one with each segment
	d.own.Seq, d.own.First, d.own.ack = d.next-uint32(w.left()), callOf(s), s.Ack
	d.own.Wire = s.wire(d.own.Seq)
}

func callOf(s *Segment) Call {
	return Call{PID: s.PID, TID: s.TID, Goroutine: s.Goroutine, Tag: s.Tag, Enter: s.Enter, Exit: s.Exit}
}

// account adds n bytes of the segment to the message.
func (d *direction) account(s *Segment, n uint64) {
	if n > 0 {
		d.msg.Size += n
		d.touch(s)
	}
}

// touch widens the message's time by the segment's.
func (d *direction) touch(s *Segment) {
	m := d.msg
	m.tick, m.WireEnd = d.c.tick, s.WireEnd
	if m.LastExit == 0 {
		m.FirstEnter, m.FirstExit, m.LastEnter, m.LastExit = s.Enter, s.Exit, s.Enter, s.Exit
		return
	}
	m.FirstEnter, m.FirstExit = min(m.FirstEnter, s.Enter), min(m.FirstExit, s.Exit)
	m.LastEnter, m.LastExit = max(m.LastEnter, s.Enter), max(m.LastExit, s.Exit)
}

// goesOn widens a message by a frame of it.
func (m *Message) goesOn(frame *Message, headed bool) {
	m.tick, m.WireEnd = frame.tick, frame.WireEnd
	m.Size += frame.Size
	m.FirstEnter, m.FirstExit = min(m.FirstEnter, frame.FirstEnter), min(m.FirstExit, frame.FirstExit)
	m.LastEnter, m.LastExit = max(m.LastEnter, frame.LastEnter), max(m.LastExit, frame.LastExit)
	if headed {
		m.Head = frame.Head
	}
}

// unframed lets a message go on that has no known end.
func (d *direction) unframed(s *Segment, w *window, how l7.State) l7.State {
	c := d.c
	if d.open != 0 && !d.fromClient() && len(c.pending) > 1 && c.protocol.Detect(w.view) == l7.MatchResponse {
		d.endOpen() // the next answer on a pipelined connection
		return l7.Body
	}
	d.open = how
	d.account(s, w.pass(uint64(w.left())))
	return how
}

// endOpen ends a message without known end.
func (d *direction) endOpen() {
	if d.open == l7.Open {
		d.c.count.unframed.Add(1)
	}
	d.mayOwe()
	d.c.dialogue.Reset(d.fromClient())
	d.finish() // and the next message begins here; if it does not, the dialogue will notice
}

// passMissing passes bytes of a body that were never seen.
func (d *direction) passMissing(n uint64) {
	d.msg.Size += n
	if d.open != 0 {
		return
	}
	if d.skip -= n; d.skip > 0 {
		return
	}
	switch d.after {
	case endMessage:
		d.finish()
	case turnOpaque:
		d.finish()
		d.c.goOpaque()
	}
}

// dropMessage forgets what was begun: it is no message.
func (d *direction) dropMessage() {
	if d.c.dialogue != nil {
		d.c.dialogue.Reset(d.fromClient())
	}
	if d.c.spare != nil {
		d.c.spare.L7 = l7.Fields{} // it may have been written to
	}
	d.inMessage, d.synced, d.msg = false, false, nil
	d.missed(d.own.ack) // if it was a message after all, the next one is not the one that was waited for
	d.forgetBuffer()
	d.c.missed()
}

// forgetBuffer keeps the memory of a usual header only.
func (d *direction) forgetBuffer() {
	d.buf = d.buf[:0]
	if cap(d.buf) > 4096 {
		d.buf = nil
	}
}
