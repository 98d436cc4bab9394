package session

import (
	"cmp"
	"net/netip"
	"unsafe"

	"github.com/zeebo/xxh3"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
)

// Datagrams makes sessions of datagrams, each of which is a message: of all the sockets of an observer, as who asks for a name
// opens one for a single question. What one says that is no message of a known protocol is counted, and nothing is kept of it.
//
// A datagram has no place in a stream. It is given one by its bytes and its client's port, so that every observer of it finds
// the same.
type Datagrams struct {
	o       Options
	count   *Counters
	talks   []talk
	pending map[question]*waiting
	oldest  *waiting
	latest  *waiting
	spare   *Session
	free    *waiting
	bytes   int
	sweeps

	// What is being read, for its dialogue.
	now     question
	talk    int  // which of talks
	heard   bool // an answer was seen
	telling bool // the owner is told something
	maximum int

	looking *Looking
	looked  *Look
}

// talk is a protocol and its state.
type talk struct {
	protocol *l7.Protocol
	dialogue l7.Dialogue
}

// question is what tells an open request from others.
type question struct {
	socket         uint64
	client, server netip.AddrPort
	key            uint64
}

// waiting is a request that waits for its answer.
type waiting struct {
	Session
	question      question
	before, after *waiting
	patience      int64
}

// Datagram is a datagram as one system call or one packet carried it.
type Datagram struct {
	Local, Remote netip.AddrPort
	Outgoing      bool   // from Local to Remote
	Socket        uint64 // tells the local end's socket from others of the same address in other namespaces
	Owner         any    // of a session that it begins
	Segment              // Seq and Ack say nothing
}

// maxQuestions is how many datagrams an observer waits for the answers to, where it does not say.
const maxQuestions = 8192

// digested is how much of a datagram makes its place: what every observer has captured of it.
const digested = 512

// NewDatagrams makes what reads the datagrams of an observer. Of the options Local and Remote say nothing, and OnOpen and OnResent
// are not called.
func NewDatagrams(o Options) *Datagrams {
	if o.Counters == nil {
		o.Counters = NewCounters(new(ledger.Ledger), "")
	}
	d := &Datagrams{o: o, count: o.Counters, pending: map[question]*waiting{}, maximum: cmp.Or(o.Questions, maxQuestions)}
	d.look(Look{Protocols: o.Protocols, KeepSecrets: o.KeepSecrets})
	return d
}

// Follow looks at datagrams from now on as is in force, whenever that changes.
func (d *Datagrams) Follow(l *Looking) { d.looking = l }

func (d *Datagrams) look(l Look) {
	if l.Protocols == nil {
		l.Protocols = l7.All
	}
	d.talks, d.o.KeepSecrets = nil, l.KeepSecrets
	for _, p := range l.Protocols.OverUDP() {
		d.talks = append(d.talks, talk{p, p.New()})
	}
}

// Feed takes the next datagram seen. It keeps nothing of it.
func (d *Datagrams) Feed(g *Datagram) {
	d.count.segments.Add(1)
	if d.looking != nil {
		if now := d.looking.now.Load(); now != nil && now != d.looked {
			d.look(*now)
			d.looked = now
		}
	}
	data := g.Data[:min(len(g.Data), g.Len)]
	defer d.contain()
	for i, t := range d.talks {
		d.talk = i
		switch t.protocol.Detect(data) {
		case l7.MatchRequest:
			d.ask(t, g, data)
			return
		case l7.MatchResponse:
			d.answer(t, g, data)
			return
		}
	}
	d.count.unknown.Add(1)
}

// ask takes a request.
func (d *Datagrams) ask(t talk, g *Datagram, data []byte) {
	d.now = question{socket: g.Socket, client: g.Local, server: g.Remote}
	if !g.Outgoing {
		d.now.client, d.now.server = g.Remote, g.Local
	}
	step := t.dialogue.Request(data, g.Len-len(data), (*datagramExchanges)(d))
	t.dialogue.Reset(true)
	if step.State != l7.Head || step.Role == l7.Aside {
		d.drop(step.State)
		return
	}
	d.now.key = step.Key
	if w := d.pending[d.now]; w != nil { // who got no answer asks again
		w.Request.Resent++
		d.spare.L7 = l7.Fields{}
		return
	}
	if len(d.pending) >= d.maximum {
		d.count.overflow.Add(1)
		d.emit(d.oldest, Unknown, 0)
	}
	w := d.free
	if w == nil {
		w = new(waiting)
	}
	d.free = nil
	w.Session, w.question, w.patience = Session{L7: d.spare.L7}, d.now, int64(t.protocol.Patience.Answer)
	d.spare.L7 = l7.Fields{}
	s := &w.Session
	s.Client, s.Server, s.LocalIsClient, s.Owner = d.now.client, d.now.server, g.Outgoing, g.Owner
	s.AtOnce = !g.Outgoing // a server's socket is all its clients'
	s.Request = d.message(g, data)
	s.asked, s.reported = true, true
	d.pending[d.now] = w
	if w.before = d.latest; w.before != nil {
		w.before.after = w
	} else {
		d.oldest = w
	}
	d.latest = w
	d.charge(w)
	if !d.o.KeepSecrets && t.protocol.Redact != nil {
		t.protocol.Redact(&s.L7)
	}
	if d.o.OnRequest != nil {
		d.toOwner(d.o.OnRequest, s)
	}
}

// answer takes an answer.
func (d *Datagrams) answer(t talk, g *Datagram, data []byte) {
	d.now = question{socket: g.Socket, client: g.Remote, server: g.Local}
	if !g.Outgoing {
		d.now.client, d.now.server = g.Local, g.Remote
	}
	d.heard = true
	step := t.dialogue.Response(data, g.Len-len(data), (*datagramExchanges)(d))
	t.dialogue.Reset(false)
	if step.State != l7.Head || step.Role == l7.Aside {
		d.drop(step.State)
		return
	}
	d.now.key = step.Key
	w := d.pending[d.now]
	if w == nil || w.Request.FirstEnter > g.Exit {
		d.count.orphans.Add(1)
		return
	}
	w.Response, w.HasResponse = d.message(g, data), true
	d.emit(w, Complete, 0)
}

func (d *Datagrams) drop(s l7.State) {
	if d.spare != nil {
		d.spare.L7 = l7.Fields{}
	}
	if s == l7.Head {
		d.count.aside.Add(1)
	} else {
		d.count.noStart.Add(1)
	}
}

// message is a datagram as a session has it.
func (d *Datagrams) message(g *Datagram, data []byte) Message {
	place := xxh3.HashSeed(data[:min(len(data), digested)], uint64(d.now.client.Port()))
	call := callOf(&g.Segment)
	return Message{
		Seq: max(uint32(place), 1), Size: uint64(g.Len), First: call, Head: call, tick: d.tick,
		FirstEnter: g.Enter, FirstExit: g.Exit, LastEnter: g.Enter, LastExit: g.Exit,
	}
}

// emit reports a session and forgets it.
func (d *Datagrams) emit(w *waiting, end End, at int64) {
	delete(d.pending, w.question)
	if w.before != nil {
		w.before.after = w.after
	} else {
		d.oldest = w.after
	}
	if w.after != nil {
		w.after.before = w.before
	} else {
		d.latest = w.before
	}
	d.bytes -= w.bytes
	s := &w.Session
	s.End, s.Ended = end, at
	if s.HasResponse {
		d.count.sessions.Add(1)
	} else {
		d.count.unanswered.Add(1)
		s.L7.Status = end.status()
	}
	if d.o.OnSession != nil {
		d.toOwner(d.o.OnSession, s)
	}
	*w = waiting{}
	d.free = w
}

// Sweep gives up what has waited too long. now is in Unix ns, monotonic by a clock that nobody sets.
func (d *Datagrams) Sweep(now, monotonic int64) {
	d.sweeps.begin(now, monotonic)
	for w := d.oldest; w != nil && d.age(w.Request.LastExit, w.Request.tick) > w.patience; w = d.oldest {
		d.emit(w, Unanswered, now)
	}
	d.sweeps.end(monotonic)
}

// Close gives up all requests.
func (d *Datagrams) Close() {
	for d.oldest != nil {
		d.emit(d.oldest, Unknown, 0)
	}
}

// OneSided reports whether no answer was ever seen.
func (d *Datagrams) OneSided() bool { return !d.heard }

// Waits is how many requests wait for their answers.
func (d *Datagrams) Waits() int { return len(d.pending) }

// Bytes is about how many bytes of memory all of it takes.
func (d *Datagrams) Bytes() int {
	n := d.bytes
	for _, t := range d.talks {
		if k, ok := t.dialogue.(keeper); ok {
			n += k.Kept()
		}
	}
	return n
}

func (d *Datagrams) charge(w *waiting) {
	w.bytes = int(unsafe.Sizeof(*w)+unsafe.Sizeof(w.question)) + len(w.L7.Resource)
	d.bytes += w.bytes
}

// datagramExchanges is what a dialogue sees of the requests between two ends.
type datagramExchanges Datagrams

var _ l7.Exchanges = (*datagramExchanges)(nil)

func (d *datagramExchanges) Begun() *l7.Fields {
	if d.spare == nil {
		d.spare = new(Session)
	}
	return &d.spare.L7
}

func (d *datagramExchanges) Open(key uint64) *l7.Fields {
	q := d.now
	q.key = key
	if w := d.pending[q]; w != nil {
		return &w.L7
	}
	return nil
}

func (d *datagramExchanges) Pushed(uint64) *l7.Fields { return nil }
