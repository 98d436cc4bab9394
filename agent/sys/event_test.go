package sys

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// eventBytes is a record with two bytes of payload, as the kernel writes it.
func eventBytes(flags uint8, local, remote [16]byte) []byte {
	le := binary.LittleEndian
	var b []byte
	for _, v := range []uint64{100, 200, 7, 42} { // enter, exit, socket, goroutine
		b = le.AppendUint64(b, v)
	}
	for _, v := range []uint32{10, 11, 12, 13, 5, 14} { // pid, tid, netns, seq, length, the other direction's place
		b = le.AppendUint32(b, v)
	}
	for _, v := range []uint16{80, 5000, 152} { // ports, goid offset
		b = le.AppendUint16(b, v)
	}
	b = append(b, eventIO, flags)
	b = append(append(b, local[:]...), remote[:]...)
	b = append(b, "a comm of 16 byt"...)
	return append(b, "GE"...)
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	e, ok := parseEvent(eventBytes(flagOutgoing, [16]byte{10, 0, 0, 1}, [16]byte{10, 0, 0, 2}))
	if !ok || e.EnterNs != 100 || e.ExitNs != 200 || e.Socket != 7 || e.Goroutine != 42 || e.Pid != 10 || e.Tid != 11 ||
		e.Netns != 12 || e.Seq != 13 || e.Length != 5 || e.Other != 14 || e.GoidOffset != 152 || e.Kind != eventIO {
		t.Errorf("%+v %t", e.SockioEvent, ok)
	}
	if !e.outgoing() || string(e.payload) != "GE" || e.comm() != "a comm of 16 byt" {
		t.Errorf("outgoing %t, payload %q, comm %q", e.outgoing(), e.payload, e.comm())
	}
	if e.local() != netip.MustParseAddrPort("10.0.0.1:80") || e.remote() != netip.MustParseAddrPort("10.0.0.2:5000") {
		t.Errorf("from %s to %s", e.local(), e.remote())
	}
}

// Of a goroutine the place is told instead of its program's name, and behind a request of HTTP who ran before.
func TestEventOfAGoroutine(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	record := eventBytes(flagOutgoing|flagPlace|flagAsks, [16]byte{10, 0, 0, 1}, [16]byte{10, 0, 0, 2})
	at := record[eventSize-16 : eventSize]
	le.PutUint64(at, 41)
	le.PutUint32(at[8:], 3)
	le.PutUint32(at[12:], 77)
	record = le.AppendUint64(le.AppendUint64(record, 40), 39)
	record = le.AppendUint64(record, 18)
	e, ok := parseEvent(record)
	place, placed := e.place()
	if !ok || !placed || place.Parent != 41 || place.P != 3 || place.Tick != 77 || e.comm() != "" || string(e.payload) != "GE" {
		t.Errorf("%+v, place %+v %t, payload %q, comm %q", e.SockioEvent, place, placed, e.payload, e.comm())
	}
	if b := e.before; b.Goroutine != 40 || b.Parent != 39 || b.Reason != 18 {
		t.Errorf("before %+v", b)
	}
	if _, ok := parseEvent(record[:eventSize+beforeSize-1]); ok {
		t.Error("a record that ends within what it says was taken")
	}
}

// A call on an AF_UNIX stream has no addresses; what is known of its ends stands behind all else.
func TestEventOfALocalStream(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	f := func(serves, length uint8, path, want string) {
		t.Helper()
		record := eventBytes(flagLocal|flagAsks|flagEnds, [16]byte{10, 0, 0, 1}, [16]byte{10, 0, 0, 2})
		record = append(record, make([]byte, beforeSize)...)
		ends := append(le.AppendUint64(nil, 77), serves, length)
		ends = append(ends, path...)
		record = append(record, append(ends, make([]byte, endsSize-len(ends))...)...)
		e, ok := parseEvent(record)
		if !ok || !e.isLocal() || string(e.payload) != "GE" || e.local().IsValid() || e.remote().IsValid() {
			t.Fatalf("%+v %t, payload %q", e.SockioEvent, ok, e.payload)
		}
		if got := endsOf(&e); got.peer != 77 || got.serves != (serves != 0) || got.path != want {
			t.Errorf("%+v, want path %q", got, want)
		}
		if _, ok := parseEvent(record[:eventSize+beforeSize+endsSize-1]); ok {
			t.Error("a record that ends within what it says was taken")
		}
	}
	f(1, 7, "/a.sock", "/a.sock")
	f(1, 20, "/a.sock", "/a.sock") // ended by a zero byte
	f(0, 3, "\x00ab", "@ab")
	f(0, 0, "", "")
	f(0, 255, "/x", "/x")
}

// Of a stream whose ends were told lately a call has nothing behind its payload.
func TestEventOfALocalStreamThatWasTold(t *testing.T) {
	t.Parallel()
	e, ok := parseEvent(eventBytes(flagLocal, [16]byte{}, [16]byte{}))
	if !ok || !e.isLocal() || e.tellsEnds() || string(e.payload) != "GE" || e.ends.Peer != 0 {
		t.Errorf("%+v %t, payload %q", e.SockioEvent, ok, e.payload)
	}
}

// One name is one server, whoever asks; of who asks nothing is known.
func TestServersOfLocalStreams(t *testing.T) {
	t.Parallel()
	a, again, b := (&localEnds{path: "/a"}).server(), (&localEnds{path: "/a"}).server(), (&localEnds{path: "/b"}).server()
	if a != again || a == b || !a.IsValid() || a.Port() != 0 {
		t.Errorf("%s, %s, %s", a, again, b)
	}
	if c := (&localEnds{path: "/a", serves: true}).server(); c.IsValid() {
		t.Errorf("a client is %s", c)
	}
}

func TestEventAddresses(t *testing.T) {
	t.Parallel()
	mapped, v6 := netip.MustParseAddr("::ffff:10.0.0.1").As16(), netip.MustParseAddr("fd00::1").As16()
	e, ok := parseEvent(eventBytes(flagIPv6, mapped, v6))
	if !ok || e.outgoing() || e.local().String() != "10.0.0.1:80" || e.remote().String() != "[fd00::1]:5000" {
		t.Errorf("from %s to %s", e.local(), e.remote())
	}
}

func TestEveryShortEventFails(t *testing.T) {
	t.Parallel()
	whole := eventBytes(0, [16]byte{}, [16]byte{})
	for n := range eventSize {
		if _, ok := parseEvent(whole[:n]); ok {
			t.Errorf("%d of %d bytes were taken for an event", n, len(whole))
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add(eventBytes(flagIPv6, [16]byte{}, [16]byte{}))
	f.Add(append(eventBytes(flagLocal|flagEnds, [16]byte{}, [16]byte{}), make([]byte, endsSize)...))
	f.Add(eventBytes(flagLocal, [16]byte{}, [16]byte{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, ok := parseEvent(append([]byte(nil), data...))
		if !ok {
			return
		}
		if e.isLocal() {
			endsOf(&e)
			return
		}
		if e.local(); len(e.payload) > len(data) || e.remote().Port() != e.RemotePort || len(e.comm()) > 16 {
			t.Error("an event has what its record has not")
		}
	})
}
