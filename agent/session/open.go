package session

import (
	"time"

	"github.com/throughline-io/throughline/agent/l7"
)

// A query of ten minutes is to be seen before it ends. So a session that waits is reported while
// it lasts, and again when it has ended, by its owner as the same span.
const (
	openAfter = 10 * time.Second
	openAgain = time.Minute
)

// reportOpen tells the owner of a session that has waited for long.
func (c *Conn) reportOpen(s *Session) {
	if c.o.OnOpen == nil || s.silent || s.oneWay || !s.reported || !s.asked && s.turned == 0 {
		return
	}
	age := c.age(s.Request.LastExit, s.Request.tick)
	if s.turned != 0 {
		age = c.age(s.turned, s.turnedTick)
	}
	if s.openDue == 0 {
		s.openDue = int64(c.o.OpenAfter)
	}
	if age < s.openDue {
		return
	}
	s.openDue = max(2*age, age+int64(openAgain)) // few reports, however many wait for however long
	if s.AnswerSeq == 0 {
		s.AnswerSeq = c.answerSeq(s)
	}
	c.tell(s)
	status := s.L7.Status
	s.L7.Status, s.End, s.Ended = Open.status(), Open, c.wall
	c.count.told.Add(1)
	c.toOwner(c.o.OnOpen, s)
	s.L7.Status, s.End, s.Ended = status, Complete, 0
}

// answerSeq is where the answer of a session begins: with the other side's next byte, where that
// side answers in turn and this is whose turn it is.
func (c *Conn) answerSeq(s *Session) uint32 {
	d := c.direction(!s.LocalIsClient)
	switch {
	case s.HasResponse:
		return s.Response.Seq
	case s.key != 0 || c.pending[0] != s || !d.placed || d.inMessage || len(d.held) > 0:
		return 0
	}
	return d.next
}

// teller is a dialogue that says what a request has come to when that is asked, and not with each message.
type teller interface {
	Tell(f *l7.Fields, closed bool)
}

// tellerOf is a teller whose requests are several at once, by their keys.
type tellerOf interface {
	TellOf(key uint64, f *l7.Fields, closed bool)
}

// tell has the dialogue say what a session has come to that lasts.
func (c *Conn) tell(s *Session) {
	if t, ok := c.dialogue.(teller); ok && s.turned != 0 {
		t.Tell(&s.L7, s.End == Closed || s.End == Reset)
	} else if t, ok := c.dialogue.(tellerOf); ok && s.HasResponse {
		t.TellOf(s.key, &s.L7, s.End == Closed || s.End == Reset)
	}
}
