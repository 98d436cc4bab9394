package session_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/session"
)

// faultless are counters for tests in which reading never fails.
func faultless(l *ledger.Ledger) *session.Counters {
	c := session.NewCounters(l, "SYS")
	c.Fault = func(protocol string, fault any, stack []byte) {
		panic(fmt.Sprintf("%s: %v\n%s", protocol, fault, stack))
	}
	return c
}

// fragile is HTTP read by somebody who has made a mistake.
var fragile = func() l7.Protocol {
	p := l7.HTTP
	p.New = func() l7.Dialogue { return &fragileDialogue{l7.HTTP.New()} }
	return p
}()

type fragileDialogue struct{ l7.Dialogue }

func (d *fragileDialogue) Request(data []byte, missing int, x l7.Exchanges) l7.Step {
	if i := bytes.Index(data, []byte("/fault")); i >= 0 {
		_ = data[len(data):][i]
	}
	return d.Dialogue.Request(data, missing, x)
}

// A fault in reading one connection ends that connection's reading: its request is told, the fault is counted and logged once, and
// other connections go on.
func TestAFaultEndsOneConnection(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var said, told []string
	counters := session.NewCounters(&l, "SYS")
	counters.Fault = session.LogFaults(func(msg string, args ...any) { said = append(said, msg+fmt.Sprint(args...)) })
	open := func() *session.Conn {
		return session.NewConn(session.Options{
			Local: client, Remote: server, Counters: counters, Protocols: l7.Protocols{&fragile},
			OnSession: func(s *session.Session) { told = append(told, s.L7.Resource+" "+s.L7.Status.String()) },
		})
	}
	say := func(c *session.Conn, outgoing bool, seq uint32, text string, at int64) {
		c.Feed(outgoing, &session.Segment{Seq: seq, Len: len(text), Data: []byte(text), Enter: at, Exit: at})
	}
	const first = "GET /first HTTP/1.1\r\n\r\n"
	for range 2 {
		c := open()
		say(c, true, 1, first, 1)
		say(c, true, 1+uint32(len(first)), "GET /fault HTTP/1.1\r\n\r\n", 2)
		say(c, false, 1, "HTTP/1.1 204 No Content\r\n\r\n", 3)
		if !c.GivenUp() || c.Kept() != 0 {
			t.Errorf("given up: %v, %d bytes are kept", c.GivenUp(), c.Kept())
		}
		c.Close()
	}
	other := open()
	say(other, true, 1, "GET /other HTTP/1.1\r\n\r\n", 4)
	say(other, false, 1, "HTTP/1.1 204 No Content\r\n\r\n", 5)
	if want := []string{"/first unknown", "/first unknown", "/other ok"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if len(said) != 1 || !strings.Contains(said[0], "fragileDialogue") {
		t.Errorf("logged %v", said)
	}
	if n := l.Counter("session", "SYS", "lost: connections and datagrams whose reading failed").Load(); n != 2 {
		t.Errorf("%d faults counted", n)
	}
}

// A fault of who is told is not taken for one of reading: its locks may be held.
func TestAFaultOfTheOwnerGoesOn(t *testing.T) {
	t.Parallel()
	c := session.NewConn(session.Options{Local: client, Remote: server, OnRequest: func(*session.Session) { panic("the owner's") }})
	defer func() {
		if fault := recover(); fault != "the owner's" {
			t.Errorf("recovered %v", fault)
		}
	}()
	c.Feed(true, &session.Segment{Seq: 1, Len: 23, Data: []byte("GET /first HTTP/1.1\r\n\r\n"), Enter: 1, Exit: 1})
}

// A datagram that cannot be read is left out, and the next one is read.
func TestAFaultLeavesOutOneDatagram(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	dns, datagrams := l7.DNS, *l7.DNS.Datagrams
	datagrams.New = func() l7.Dialogue { return &fragileDialogue{l7.DNS.Datagrams.New()} }
	dns.Datagrams = &datagrams
	told := 0
	d := session.NewDatagrams(session.Options{Counters: session.NewCounters(&l, "SYS"), Protocols: l7.Protocols{&dns}, OnRequest: func(*session.Session) { told++ }})
	for i, name := range []string{"\x06/fault", "\x05other"} {
		q := "\x00" + string(rune('1'+i)) + "\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name + "\x00\x00\x01\x00\x01"
		d.Feed(&session.Datagram{Local: client, Remote: server, Outgoing: true, Segment: session.Segment{Len: len(q), Data: []byte(q), Enter: 1, Exit: 1}})
	}
	if n := l.Counter("session", "SYS", "lost: connections and datagrams whose reading failed").Load(); n != 1 || told != 1 {
		t.Errorf("%d faults counted, %d questions told", n, told)
	}
}
