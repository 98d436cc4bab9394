package causality

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

var (
	backend  = netip.MustParseAddrPort("10.0.0.2:80")
	database = netip.MustParseAddrPort("10.0.0.3:3306")
)

// asyncLoop is an event loop of Python that serves requests, each by a call of the backend and a statement.
type asyncLoop struct {
	*table
	now      int64
	requests map[string]*Passage
	strands  map[string]*Strand // by call
	on       map[string]*Connection
}

func newAsyncLoop() *asyncLoop {
	return &asyncLoop{table: loop(AsyncIO), requests: map[string]*Passage{}, strands: map[string]*Strand{}, on: map[string]*Connection{}}
}

func (l *asyncLoop) at(peer netip.AddrPort) *Moment {
	l.now++
	m := l.inLoop(l.now)
	m.Peer, m.Out = peer, true
	return m
}

// runs takes events in their order: "r1" a request is read, "h1" the backend is asked for it, "H1" has answered, "s1"
// and "S1" the database; "c1" and "d1" connections to them are opened, which h1 and s1 use, "g1" the database says
// something by one; "a1" it is answered. "h" and "H" of a
// name that is no number are of a timer, with a path of their own.
func (l *asyncLoop) runs(events string) {
	for e := range strings.FieldsSeq(events) {
		what, of := e[0], e[1:]
		call := string(what|0x20) + of
		switch what {
		case 'r':
			l.requests[of] = l.Begin(l.at(netip.AddrPort{}), new(Connection), trace)
		case 'a':
			p := l.requests[of]
			l.Answering(p.by, l.at(netip.AddrPort{}), l.now)
			l.End(p, 5, l.now)
			l.Sweep(l.now + 2*int64(passageLinger)) // makes room
		case 'c':
			on := l.Connect(l.at(backend))
			l.on["h"+of] = &on
		case 'd':
			on := l.Connect(l.at(database))
			l.on["s"+of] = &on
		case 'g':
			m := l.at(database)
			m.Out = false
			l.Claim(m, l.on["s"+of])
		case 'h':
			l.calls(call, backend, map[bool]uint64{true: 1, false: 2}[of[0] <= '9'])
		case 's':
			l.calls(call, database, 3)
		case 'H':
			l.backs(call, backend)
		case 'S':
			l.backs(call, database)
		}
	}
}

func (l *asyncLoop) calls(name string, peer netip.AddrPort, what uint64) {
	on := l.on[name]
	if on == nil {
		on = new(Connection)
		l.on[name] = on
	}
	m := l.at(peer)
	l.Call(l.Claim(m, on), m, on, what)
	l.strands[name] = on.Strand()
}

func (l *asyncLoop) backs(name string, peer netip.AddrPort) {
	if s := l.strands[name]; s != nil {
		l.BackIn(s, l.at(peer))
	}
}

// learns serves requests, two at a time, until the order is known.
func (l *asyncLoop) learns() {
	for i := range orderKnown {
		a, b := 1000+2*i, 1001+2*i
		l.runs(fmt.Sprintf("r%d r%d h%d h%d H%d H%d s%d s%d S%d S%d a%d a%d", a, b, a, b, a, b, a, b, a, b, a, b))
	}
}

// told is the request that a call was told to be of; "": none.
func (l *asyncLoop) told(call string) string {
	s := l.strands[call]
	if s == nil {
		return ""
	}
	for name, p := range l.requests {
		if of, _ := s.Told(); of == p {
			return name
		}
	}
	return ""
}

func TestKindOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, events, want string }{
		{"kinds overtake one another, one kind does not",
			"r1 r2 r3 h1 h2 H2 h3 r4 s2 H1 S2 H3 a2 s1 h4 s3 S3 H4 a3 S1 s4 a1 S4 a4",
			"h1=1 s1=1 h2=2 s2=2 h3=3 s3=3 h4=4 s4=4"},
		{"a new connection is of what was read when it was opened",
			"r1 c1 r2 r3 h2 h1 h3 H2 H1 H3 s2 s1 s3 S2 S1 S3 a2 a1 a3",
			"h1=1 s1=1 h2=2 s2=2 h3=3"},
		{"a pool's connection is of whoever uses it first, not of who had it opened",
			"r1 r2 h1 h2 H1 H2 d1 g1 s1 s2 S1 S2 a1 a2 r3 r4 h3 h4 H3 H4 d4 g4 s3 s4 S3 S4 a3 a4",
			"h3=3 s3=3 h4=4 s4=4"},
		{"a request that is answered at once keeps no other from its calls",
			"r1 r2 r3 a1 h2 h3 H2 H3 s2 s3 S2 S3 a2 a3", "h2=2 s2=2 h3=3 s3=3"},
		{"a timer's call is of no request, and keeps none from its own",
			"r1 r2 hx h1 h2 Hx H1 H2 s1 s2 S1 S2 a1 a2", "hx= h1=1 s1=1 h2=2 s2=2"},
		{"a call like those of requests that is of none leaves open whose those under way are",
			"r1 r2 r3 h0 h1 h2 h3 H0 H1 H2 H3 s1 s2 s3 S1 S2 S3 a1 a2 a3", "h0= h1= s1= h2= s2= h3= s3="},
		{"where both ways differ nothing is said",
			"r1 r2 h2 h1 H2 H1 s2 s1 S2 S1 a2 a1", "h1= s1= h2= s2="},
		{"a request that is given up is not waited for", "r1 r2 h1 h2 H1 s1", "h1= h2="},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newAsyncLoop()
			l.learns()
			l.runs("hy hz Hy Hz") // of a timer, while nothing is open
			l.runs(c.events)
			for want := range strings.FieldsSeq(c.want) {
				call, of, _ := strings.Cut(want, "=")
				if got := l.told(call); got != of {
					t.Errorf("%s is told to be of %q, want %q", call, got, of)
				}
			}
		})
	}
}

// Nothing is said before the order was seen to be kept, nor where it is seen not to be.
func TestAnOrderThatIsNotKnown(t *testing.T) {
	t.Parallel()
	l := newAsyncLoop()
	l.runs("r1 r2 h1 h2 H1 H2 s1 s2 S1 S2 a1 a2")
	for i := range 4 * orderKnown { // calls wait for locks, as httpx's
		l.runs(fmt.Sprintf("r%da r%db r%dc", i, i, i))
		l.requests["7"], l.requests["8"], l.requests["9"] = l.requests[fmt.Sprintf("%da", i)], l.requests[fmt.Sprintf("%db", i)], l.requests[fmt.Sprintf("%dc", i)]
		l.runs("h9 h7 h8 H9 H7 H8 s9 s7 s8 S9 S7 S8 a9 a7 a8")
	}
	for call := range l.strands {
		if of := l.told(call); of != "" {
			t.Errorf("%s is told to be of %q", call, of)
		}
	}
}

// Handlers in a pool of threads call in whatever order they get on, and so may have those that were seen before.
func TestAnotherThreadMakesCalls(t *testing.T) {
	t.Parallel()
	l := newAsyncLoop()
	l.learns()
	l.runs("r1 r2 h1 H1 s1 S1")
	for range apartKnown {
		l.apart()
	}
	l.runs("a1 r3 r4 h3 h4 H3 H4 s3 s4 S3 S4 a3 a4")
	for _, call := range []string{"h1", "s1", "h3", "s4"} {
		if of := l.told(call); of != "" {
			t.Errorf("%s is told to be of %q", call, of)
		}
	}
}

// apart is a call by another thread than the loop's.
func (l *asyncLoop) apart() {
	m := l.at(backend)
	m.Thread = 9
	l.Call(0, m, new(Connection), 1)
}

// A job beside, on a thread of its own, calls while requests are open: in a loop that is never idle it always does.
func TestAnotherThreadWorksBeside(t *testing.T) {
	t.Parallel()
	l := newAsyncLoop()
	l.runs("r1")
	l.apart()
	const n = 3 * orderKnown
	for i := 1; i <= n; i++ {
		l.runs(fmt.Sprintf("r%d h%d H%d s%d S%d a%d", i+1, i, i, i, i, i))
		if i%8 == 0 {
			l.apart()
		}
	}
	if got, want := l.told("h"+fmt.Sprint(n)), fmt.Sprint(n); got != want {
		t.Errorf("h%d is told to be of %q", n, got)
	}
}

// What waits is bounded, whatever is read and never answered.
func TestWhatWaitsIsBounded(t *testing.T) {
	t.Parallel()
	l := newAsyncLoop()
	o := newLoopOrder(1)
	for i := range 3 * inputsKept {
		o.put(new(Strand), kind{}, int64(i))
		o.put(new(Strand), netip.AddrPortFrom(backend.Addr(), uint16(i)), int64(i))
		o.led(uint64(i), false)
		o.heads.count(netip.AddrPortFrom(backend.Addr(), uint16(i)), true)
	}
	if len(o.waits) > kindsKept || len(o.waits[kind{}]) > inputsKept || len(o.of) > kindsKept || len(o.heads) > kindsKept {
		t.Errorf("%d kinds wait, %d requests; %d kinds of calls, %d heads", len(o.waits), len(o.waits[kind{}]), len(o.of), len(o.heads))
	}
	l.Drop(&l.process)
}

// What was seen first may be the exception. That a call has nothing to wait for is not concluded from that.
func TestAWrongFirstImpression(t *testing.T) {
	t.Parallel()
	o := newLoopOrder(1)
	o.put(new(Strand), backend, 0)
	for i := range causesToKnow {
		if o.idle(&Moment{Peer: database}) {
			t.Fatalf("a statement has nothing to wait for, as %d others tell", i)
		}
		o.learn(database, kind{})
	}
	if !o.idle(&Moment{Peer: database}) {
		t.Error("nothing waits that leads to statements")
	}
}

// A loop that is busy from the beginning: there is always a request waiting beside what leads to a statement or an answer. What is known to
// lead to calls of the backend does not lead to them.
func TestWhatLeadsToWhatIsLearnedUnderLoad(t *testing.T) {
	t.Parallel()
	l := newAsyncLoop()
	l.runs("r1")
	const n = 3 * orderKnown
	for i := 1; i <= n; i++ {
		l.runs(fmt.Sprintf("r%d h%d H%d s%d S%d a%d", i+1, i, i, i, i, i))
	}
	for _, call := range []string{"h", "s"} {
		if got, want := l.told(call+fmt.Sprint(n)), fmt.Sprint(n); got != want {
			t.Errorf("%s%d is told to be of %q", call, n, got)
		}
	}
}
