package session_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

var resolver = netip.MustParseAddrPort("10.96.0.10:53")

// dnsMessage is a message with a question and records.
func dnsMessage(id, flags uint16, name string, kind byte, answers ...string) string {
	s := string([]byte{byte(id >> 8), byte(id), byte(flags >> 8), byte(flags), 0, 1, 0, byte(len(answers)), 0, 0, 0, 0})
	for _, label := range strings.Split(name, ".") {
		s += string([]byte{byte(len(label))}) + label
	}
	return s + "\x00\x00" + string([]byte{kind}) + "\x00\x01" + strings.Join(answers, "")
}

const (
	dnsAsks = 0x0100 // with recursion
	dnsSays = 0x8580
)

// dnsRecord is one of the name asked for, an hour old.
func dnsRecord(kind byte, data string) string {
	return "\xc0\x0c\x00" + string([]byte{kind}) + "\x00\x01\x00\x00\x0e\x10\x00" + string([]byte{byte(len(data))}) + data
}

// dnsTurns are questions over TCP: two at once, answered the other way round; one that is told that there is no such name; and
// an answer of 3,000 bytes.
func dnsTurns() []turn {
	framed := func(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }
	long := make([]string, 14)
	for i := range long {
		long[i] = dnsRecord(16, "\xc8"+strings.Repeat("x", 200))
	}
	return []turn{
		{fromClient, framed(dnsMessage(7, dnsAsks, "shop.default.svc", 1)) + framed(dnsMessage(8, dnsAsks, "shop.default.svc", 28))},
		{fromServer, framed(dnsMessage(8, dnsSays, "shop.default.svc", 28, dnsRecord(28, strings.Repeat("\xfd", 16))))},
		{fromServer, framed(dnsMessage(7, dnsSays, "shop.default.svc", 1, dnsRecord(1, "\x0a\x00\x00\x01")))},
		{fromClient, framed(dnsMessage(9, dnsAsks, "none.svc", 15))},
		{fromServer, framed(dnsMessage(9, dnsSays|3, "none.svc", 15))},
		{fromClient, framed(dnsMessage(10, dnsAsks, "long.svc", 16))},
		{fromServer, framed(dnsMessage(10, dnsSays, "long.svc", 16, long...))},
	}
}

// asked collects the sessions of datagrams that a client's process sees.
type asked struct {
	*session.Datagrams
	ledger   ledger.Ledger
	now      int64
	sessions []string
}

func asks(o session.Options) *asked {
	a := &asked{}
	o.Counters = faultless(&a.ledger)
	o.OnSession = func(s *session.Session) {
		a.sessions = append(a.sessions, fmt.Sprintf("%v>%v %s %s %d %v %s resent %d %v", s.Client, s.Server, s.L7.Type, s.L7.Resource, s.L7.Code, s.L7.Status, s.L7.StatusMessage, s.Request.Resent, s.L7.Attributes))
	}
	a.Datagrams = session.NewDatagrams(o)
	return a
}

func (a *asked) say(out bool, text string) { a.by(1, client, resolver, out, text) }

func (a *asked) by(socket uint64, local, remote netip.AddrPort, out bool, text string) {
	a.now += 1e6
	a.Feed(&session.Datagram{Local: local, Remote: remote, Outgoing: out, Socket: socket, Segment: session.Segment{
		Len: len(text), Data: []byte(text), Enter: a.now - 1000, Exit: a.now,
	}})
}

func (a *asked) want(t *testing.T, sessions ...string) {
	t.Helper()
	for i, want := range sessions {
		if i >= len(a.sessions) || !strings.HasPrefix(a.sessions[i], want) {
			t.Fatalf("sessions\n%s\nwant\n%s\nledger %v", strings.Join(a.sessions, "\n"), strings.Join(sessions, "\n"), a.ledger.Rows())
		}
	}
	if len(a.sessions) != len(sessions) {
		t.Fatalf("sessions\n%s\nwant %d\nledger %v", strings.Join(a.sessions, "\n"), len(sessions), a.ledger.Rows())
	}
}

// Two questions by one system call are two sessions, whatever order their answers come in.
func TestDatagramsArePairedByTheirQuestions(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{})
	a.say(true, dnsMessage(1, dnsAsks, "Shop.default", 1))
	a.say(true, dnsMessage(2, dnsAsks, "Shop.default", 28))
	a.say(false, dnsMessage(2, dnsSays, "shop.default", 28, dnsRecord(28, "\xfd"+strings.Repeat("\x00", 14)+"\x07")))
	a.say(false, dnsMessage(1, dnsSays, "shop.default", 1, dnsRecord(5, "\x03www\xc0\x11"), dnsRecord(1, "\x0a\x00\x00\x02"), dnsRecord(1, "\x0a\x00\x00\x01")))
	a.want(t,
		`10.244.1.10:40000>10.96.0.10:53 AAAA shop.default 0 ok  resent 0 [{dns.question.name shop.default 115} {dns.answers ["fd00::7"] 106}]`,
		`10.244.1.10:40000>10.96.0.10:53 A shop.default 0 ok  resent 0 [{dns.question.name shop.default 115} {dns.answers ["10.0.0.1","10.0.0.2"] 106} {throughline.dns.alias www.default 115}]`)
}

// Whose fault an answer without addresses is.
func TestDNSResponseCodes(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{})
	for _, code := range []uint16{3, 2, 5, 1, 4} {
		a.say(true, dnsMessage(code, dnsAsks, "a.b", 1))
		a.say(false, dnsMessage(code, dnsSays|code, "a.b", 1))
	}
	const ends = "10.244.1.10:40000>10.96.0.10:53 A a.b "
	a.want(t, ends+"3 client error NXDOMAIN ", ends+"2 server error SERVFAIL", ends+"5 client error REFUSED", ends+"1 client error FORMERR", ends+"4 server error NOTIMP")
}

// Who gets no answer asks again: that is one question, answered at last, or by nobody.
func TestDatagramsThatAreSentAgain(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{})
	q := dnsMessage(1, dnsAsks, "slow.svc", 1)
	a.say(true, q)
	a.say(true, q)
	a.say(true, q)
	a.say(false, dnsMessage(1, dnsSays, "slow.svc", 1))
	a.say(false, dnsMessage(1, dnsSays, "slow.svc", 1)) // to the second
	a.say(true, dnsMessage(2, dnsAsks, "lost.svc", 1))
	a.Sweep(a.now+1e9, 1e9)
	a.Sweep(a.now+29e9, 29e9)
	a.want(t, "10.244.1.10:40000>10.96.0.10:53 A slow.svc 0 ok  resent 2")
	a.Sweep(a.now+40e9, 40e9)
	a.want(t, "10.244.1.10:40000>10.96.0.10:53 A slow.svc 0 ok  resent 2", "10.244.1.10:40000>10.96.0.10:53 A lost.svc 0 unanswered")
	if !slices.ContainsFunc(a.ledger.Rows(), is("dropped: responses without request", 1)) {
		t.Errorf("ledger %v", a.ledger.Rows())
	}
}

// DNS may be switched off while datagrams come.
func TestDatagramsFollowWhatIsLookedFor(t *testing.T) {
	t.Parallel()
	var looking session.Looking
	a := asks(session.Options{})
	a.Follow(&looking)
	exchange := func(id uint16) {
		a.say(true, dnsMessage(id, dnsAsks, "a.b", 1))
		a.say(false, dnsMessage(id, dnsSays, "a.b", 1))
	}
	exchange(1)
	none, err := l7.All.Chosen(map[string]bool{"dns": false})
	if err != nil {
		t.Fatal(err)
	}
	looking.Set(session.Look{Protocols: none})
	exchange(2)
	looking.Set(session.Look{})
	exchange(3)
	if len(a.sessions) != 2 {
		t.Errorf("sessions %v, want two", a.sessions)
	}
}

// The same question of two sockets of the same address, as of two network namespaces, is two.
func TestDatagramsOfSeveralSockets(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{})
	for _, out := range []bool{true, false} {
		for socket := range uint64(2) {
			flags := uint16(dnsAsks)
			if !out {
				flags = dnsSays
			}
			a.by(socket, client, resolver, out, dnsMessage(1, flags, "a.b", 1))
		}
	}
	a.want(t, "10.244.1.10:40000>10.96.0.10:53 A a.b 0 ok", "10.244.1.10:40000>10.96.0.10:53 A a.b 0 ok")
}

// What is no question is counted, and nothing of it is kept.
func TestDatagramsThatSayNothing(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{})
	for _, text := range []string{
		"", "hello", strings.Repeat("\x00", 12), strings.Repeat("\xff", 100), "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3fshort",
		dnsMessage(1, dnsAsks, "a.b", 1)[:20], dnsMessage(1, dnsAsks, "a.b", 1) + "more", dnsMessage(1, dnsAsks|0x40, "a.b", 1), dnsMessage(1, dnsAsks|4<<11, "a.b", 6),
		dnsMessage(1, dnsAsks, "a.b", 1, dnsRecord(1, "\x0a\x00\x00\x01")), dnsMessage(1, dnsAsks, "a.b", 0),
	} {
		a.say(true, text)
	}
	a.Close()
	a.want(t)
	if !slices.ContainsFunc(a.ledger.Rows(), is("ignored: segments of no known protocol", 11)) {
		t.Errorf("ledger %v", a.ledger.Rows())
	}
	if a.Waits() != 0 || a.Bytes() > 1000 {
		t.Errorf("%d wait, %d bytes", a.Waits(), a.Bytes())
	}
}

// However many questions nobody answers, and however long their names and answers are, only so much is kept.
func TestMemoryOfDatagramsIsBounded(t *testing.T) {
	t.Parallel()
	a := asks(session.Options{Questions: 100})
	longest := strings.TrimSuffix(strings.Repeat(strings.Repeat("\x07", 61)+".", 4), ".")
	for i := range 1000 {
		a.say(true, dnsMessage(uint16(i), dnsAsks, longest, byte(i%250)+1))
		records := make([]string, 30)
		for j := range records {
			records[j] = dnsRecord(28, fmt.Sprintf("%016d", i*100+j))
		}
		if i%10 == 0 {
			a.say(false, dnsMessage(uint16(i), dnsSays, longest, byte(i%250)+1, append(records, dnsRecord(5, "\xc0\x0c"))...))
		}
	}
	if a.Waits() > 100 || a.Bytes() > 300<<10 {
		t.Errorf("%d wait, %d bytes", a.Waits(), a.Bytes())
	}
	t.Log(a.Waits(), "questions take", a.Bytes(), "bytes")
	if a.Close(); a.Waits() != 0 || len(a.sessions) != 1000 {
		t.Errorf("%d wait, %d sessions", a.Waits(), len(a.sessions))
	}
}

// A name that is asked for again and again costs no memory.
func TestQuestionsAllocateNothing(t *testing.T) {
	n := 0
	d := session.NewDatagrams(session.Options{OnSession: func(*session.Session) { n++ }})
	q, r := []byte(dnsMessage(7, dnsAsks, "shop.default.svc", 1)), []byte(dnsMessage(7, dnsSays, "shop.default.svc", 1, dnsRecord(1, "\x0a\x00\x00\x01")))
	if allocated := testing.AllocsPerRun(1000, func() {
		d.Feed(&session.Datagram{Local: client, Remote: resolver, Outgoing: true, Segment: session.Segment{Len: len(q), Data: q, Exit: 1}})
		d.Feed(&session.Datagram{Local: client, Remote: resolver, Segment: session.Segment{Len: len(r), Data: r, Exit: 2}})
	}); allocated != 0 || n < 1000 {
		t.Errorf("%.1f allocations, %d sessions", allocated, n)
	}
}

// FuzzDatagrams feeds what nobody would send: nothing panics, and what was asked ends once.
func FuzzDatagrams(f *testing.F) {
	f.Add([]byte(dnsMessage(7, dnsAsks, "shop.default.svc", 1)), []byte(dnsMessage(7, dnsSays, "shop.default.svc", 1, dnsRecord(5, "\x03www\xc0\x11"), dnsRecord(1, "\x0a\x00\x00\x01"))), uint8(0))
	f.Add([]byte(dnsMessage(7, dnsAsks, "a", 28)), []byte(dnsMessage(7, dnsSays|0x203, "a", 28, dnsRecord(28, strings.Repeat("\xfd", 16)), "\xc0\xff")), uint8(9))
	f.Fuzz(func(t *testing.T, question, answer []byte, missing uint8) {
		open := 0
		d := session.NewDatagrams(session.Options{Protocols: l7.All, Counters: faultless(new(ledger.Ledger)), OnRequest: func(*session.Session) { open++ }, OnSession: func(*session.Session) { open-- }})
		for range 2 {
			d.Feed(&session.Datagram{Local: client, Remote: resolver, Outgoing: true, Segment: session.Segment{Len: len(question) + int(missing), Data: question, Exit: 1}})
			d.Feed(&session.Datagram{Local: client, Remote: resolver, Segment: session.Segment{Len: len(answer) + int(missing), Data: answer, Exit: 2}})
		}
		if d.Close(); open != 0 {
			t.Errorf("%d requests did not end", open)
		}
	})
}
