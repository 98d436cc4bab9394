package session

import (
	"time"

	"github.com/throughline-io/throughline/agent/l7"
)

// Patience where a protocol has none of its own, and with the network, in ns.
const (
	gapPatience     = 1e9 // a gap may stay open: a retransmission takes 200 ms and more
	answerPatience  = int64(2 * time.Minute)
	silencePatience = int64(time.Second)
	doubtPatience   = int64(10 * time.Second) // that a stream goes on of which frames were missed
)

// How old something is must not be told by the wall clock alone: set forward by three minutes,
// it would end every open request. So what waits notes the sweep before it, and the sweeps'
// monotonic times bound its age. sweepSlack is far more than lies between two sweeps.
const sweepSlack = 3e9

// sweeps are the times of the latest sweep and the first.
type sweeps struct {
	wall, mono  int64 // of this sweep
	first, tick int64 // the first sweep and the latest, by the monotonic clock
}

func (c *sweeps) begin(now, monotonic int64) { c.wall, c.mono = now, monotonic }

func (c *sweeps) end(monotonic int64) {
	if c.first == 0 {
		c.first = monotonic
	}
	c.tick = monotonic
}

// age is how long ago something was, by its wall time and the sweep before it.
func (c *sweeps) age(at, tick int64) int64 {
	wall := c.wall - at
	switch {
	case tick != 0:
		return min(max(wall, c.mono-tick-sweepSlack), c.mono-tick)
	case c.first == 0: // this is the first sweep
		return wall
	}
	return min(max(wall, c.mono-c.first), c.mono-c.first+sweepSlack)
}

// patience is how long answers are waited for, and how long silence may last in a message
// whose end cannot be told.
func (c *Conn) patience() (answer, silence int64) {
	answer, silence = answerPatience, silencePatience
	if c.protocol != nil {
		if p := c.protocol.Patience.Answer; p > 0 {
			answer = int64(p)
		}
		if p := c.protocol.Patience.Silence; p > 0 {
			silence = int64(p)
		}
	}
	return answer, silence
}

// Sweep gives up what has waited too long. now is in Unix ns, monotonic by a clock that nobody
// sets.
func (c *Conn) Sweep(now, monotonic int64) {
	defer c.contain()
	c.sweeps.begin(now, monotonic)
	answer, silence := c.patience()
	if len(c.early) > 0 && c.age(c.early[0].Exit, c.earlyTick) > gapPatience {
		c.takeEarly(len(c.early))
	}
	for _, d := range [...]*direction{&c.out, &c.in} {
		if len(d.held) > 0 && c.age(d.heldSince, d.heldTick) > gapPatience {
			d.giveUpGaps()
		}
		if d.open == l7.Open && c.age(d.seen, d.seenTick) > silence {
			d.endOpen()
		}
	}
	c.sweepPending(answer)
	if n := len(c.spares); n > 0 { // by and by, where nothing goes on any more
		c.spares[n-1] = nil
		c.spares = c.spares[:n-1]
	}
	c.sweeps.end(monotonic)
}

// sweepPending gives up the requests that have waited too long for their answer, or for its
// next byte.
func (c *Conn) sweepPending(patience int64) {
	for i := 0; i < len(c.pending); {
		s := c.pending[i]
		last := &s.Request
		if s.HasResponse {
			last = &s.Response
		}
		end, ended := Unanswered, c.wall
		waited := c.age(last.LastExit, last.tick)
		if next := c.after(s); next != 0 && !s.HasResponse {
			end, ended = Unknown, next
			if c.OneSided() && i+1 < len(c.pending) && c.age(next, c.pending[i+1].Request.tick) > gapPatience {
				waited = patience + 1 // nobody will answer here
			}
		}
		if s.doubted {
			if end, ended = Unknown, 0; waited > doubtPatience {
				waited = patience + 1
			}
		}
		patience := patience
		if s.L7.Protocol == l7.WebSocket.Name { // a stream that has turned to it
			patience = int64(l7.WebSocket.Patience.Answer)
		}
		if waited <= patience {
			if end != Unknown {
				c.reportOpen(s)
			}
			i++
			continue
		}
		c.giveUp(s, end, ended)
	}
}
