package tlsrecord

import (
	"encoding/binary"
	"slices"
	"testing"
)

// record is one of a type, with a body of so many bytes.
func record(kind uint8, size int) []byte {
	r := make([]byte, HeaderSize+size)
	r[0], r[1], r[2] = kind, 3, 3
	binary.BigEndian.PutUint16(r[3:], uint16(size))
	return r
}

// says is a record of application data that says so many bytes, by TLS 1.3.
func says(n int) []byte { return record(application, n+17) }

// feed feeds bytes in segments, of each of which so many are captured; 0: all. It returns where they end.
func feed(s *Stream, seq uint32, captured int, segments ...[]byte) uint32 {
	for _, data := range segments {
		seen := data
		if captured > 0 {
			seen = data[:min(captured, len(data))]
		}
		s.Feed(seq, len(data), seen)
		seq += uint32(len(data))
	}
	return seq
}

// What one side writes and what the other reads of it has the same place, however the records are cut into segments, and
// however the reader cuts what they say.
func TestBothEndsFindTheSamePlace(t *testing.T) {
	t.Parallel()
	const begin = 4_294_967_000 // the numbers begin anew on the way
	said := []int{120, 16384, 3616, 9, 300}
	for _, cut := range []int{1, 3, 5, 7, 100, 4096, 1 << 20} {
		var w, r Flow
		var written []Place
		seq := uint32(begin)
		for _, call := range [][]int{{120}, {16384, 3616}, {9}, {300}} {
			var bytes []byte
			total := 0
			for _, n := range call {
				bytes = append(bytes, says(n)...)
				total += n
			}
			wire := [][]byte{bytes[:HeaderSize]}
			for rest := bytes[HeaderSize:]; len(rest) > 0; {
				n := min(cut, len(rest))
				wire = append(wire, rest[:n])
				rest = rest[n:]
			}
			from := seq
			seq = feed(&w.Out, from, 0, wire...)
			feed(&r.In, from, 0, wire...)
			written = append(written, slices.Clone(w.Wrote(total, from))...)
		}
		want := uint32(begin)
		for i, n := range said {
			end := want + uint32(HeaderSize+17+n)
			if written[i] != (Place{want, n, end}) {
				t.Fatalf("cut by %d: wrote %d bytes at %+v, want %d", cut, n, written[i], want)
			}
			for read := 0; read < n; {
				room := 8192
				got := min(room, n-read)
				if p := r.Read(got, room, nil); p != (Place{want + uint32(read), got, end}) {
					t.Fatalf("cut by %d: read %d bytes at %+v, want %d", cut, got, p, want+uint32(read))
				}
				read += got
			}
			want += uint32(HeaderSize + 17 + n)
		}
	}
}

// A client's records begin with what ends the handshake, which nobody reads; a server's tickets say nothing to the reader.
func TestHandshakesAndTicketsAreReadByNobody(t *testing.T) {
	t.Parallel()
	hello := record(handshake, 200)
	hello[HeaderSize], hello[HeaderSize+2], hello[HeaderSize+3] = clientHello, 0, 196
	var server Flow
	at := feed(&server.In, 1000, 0, hello, record(changeCipherSpec, 1), record(application, finished256))
	feed(&server.In, at, 0, says(80))
	if p := server.Read(80, 4096, nil); p != (Place{at, 80, at + HeaderSize + 17 + 80}) {
		t.Errorf("request at %+v, want %d", p, at)
	}

	var client Flow
	feed(&client.Out, 1, 0, says(40))
	if p := client.Wrote(40, 1); len(p) != 1 || p[0] != (Place{1, 40, 1 + HeaderSize + 17 + 40}) {
		t.Fatalf("wrote at %+v", p)
	}
	at = feed(&client.In, 5000, 0, record(application, 230), record(application, 230))
	feed(&client.In, at, 0, says(100))
	if p := client.Read(100, 4096, nil); p != (Place{at, 100, at + HeaderSize + 17 + 100}) {
		t.Errorf("answer at %+v, want %d", p, at)
	}
}

// In TLS 1.2 what ends the handshake is told by its type, and a record's overhead is another one.
func TestVersion12(t *testing.T) {
	t.Parallel()
	for _, overhead := range []int{16, 24} {
		var f Flow
		at := feed(&f.In, 7, 0, record(handshake, 180), record(handshake, 37), record(changeCipherSpec, 1), record(handshake, 40))
		feed(&f.In, at, 0, record(application, 60+overhead))
		if p := f.Read(60, 100, nil); p != (Place{at, 60, at + HeaderSize + 60 + uint32(overhead)}) {
			t.Errorf("overhead %d: %+v, want %d", overhead, p, at)
		}
	}
}

// A header that was not captured is never guessed: places are told again when the library itself receives a record's beginning.
func TestLostHeadersAreNotGuessed(t *testing.T) {
	t.Parallel()
	var f Flow
	at := feed(&f.In, 10, 64, append(says(100), says(100)...))
	if p := f.Read(100, 4096, nil); p.Len != 0 {
		t.Errorf("%+v of a stream with a header that was not captured", p)
	}
	next := at
	feed(&f.In, at, 64, says(50))
	if p := f.Read(100, 4096, nil); p.Len != 0 {
		t.Errorf("%+v: it may be of either record", p)
	}
	if p := f.Read(50, 4096, &next); p != (Place{next, 50, next + HeaderSize + 17 + 50}) {
		t.Errorf("%+v, want %d", p, next)
	}
}

// What a direction sends belongs to who wrote exactly as much.
func TestSends(t *testing.T) {
	t.Parallel()
	var f Flow
	feed(&f.Out, 1, 0, append(says(100), says(20)...))
	for _, c := range []struct {
		written []int
		want    bool
	}{{[]int{100, 20}, true}, {[]int{100, 21}, false}, {[]int{100}, false}, {[]int{120}, true}, {nil, false}} {
		if got := f.Sends(1, c.written); got != c.want {
			t.Errorf("%v: %t", c.written, got)
		}
	}
}

// Whatever comes, nothing grows and nothing fails.
func FuzzFlow(f *testing.F) {
	f.Add([]byte{0, 200, 22, 3, 3, 0, 5, 1, 0, 0, 1, 9}, uint16(5), uint16(9))
	f.Add(append([]byte{1, 255}, says(30)...), uint16(30), uint16(100))
	f.Fuzz(func(t *testing.T, data []byte, n, room uint16) {
		var flow Flow
		var hello Hello
		seq := uint32(0xffffff00)
		for len(data) > 2 {
			size := min(int(data[1])+1, len(data)-2)
			segment, in := data[2:2+size], data[0]&1 == 0
			stream := &flow.Out
			if in {
				stream = &flow.In
			}
			stream.Feed(seq, size+int(data[0])*8, segment)
			hello.Take(segment)
			if data[0]&2 != 0 {
				seq += uint32(size)
			}
			for _, p := range flow.Wrote(int(n), seq) {
				if p.Len <= 0 {
					t.Fatalf("%+v", p)
				}
			}
			if p := flow.Read(int(n), int(room), nil); p.Len < 0 || p.Len > int(n) {
				t.Fatalf("%+v", p)
			}
			if len(flow.In.records) > waiting || len(flow.Out.records) > waiting {
				t.Fatal("records are kept without end")
			}
			data = data[2+size:]
		}
	})
}

// A server of TLS 1.3 sends tickets in front of its first answer. Who reads that in pieces cannot be told which record they are of;
// who reads as much as there is can, and what is read next, too.
func TestTicketsAreNotTakenForAnAnswer(t *testing.T) {
	t.Parallel()
	const from = 5000
	begin := func(tickets int) (f Flow, answer, end uint32) {
		f.Asks(true)
		feed(&f.Out, 1, 0, says(40))
		f.Wrote(40, 1)
		answer = uint32(from)
		for range tickets {
			answer = feed(&f.In, answer, 0, says(230))
		}
		return f, answer, feed(&f.In, answer, 0, says(4))
	}
	received := uint32(from)
	f, _, end := begin(2)
	for i, n := range []int{1, 3} {
		from := &received
		if i > 0 {
			from = nil
		}
		if p := f.Read(n, n, from); p.Len != 0 {
			t.Errorf("%d bytes at %+v: they may be of either record", n, p)
		}
	}
	next := end
	feed(&f.In, next, 0, says(50))
	if p := f.Read(50, 50, &next); p != (Place{next, 50, next + HeaderSize + 17 + 50}) {
		t.Errorf("what comes next is at %+v, want %d", p, next)
	}
	var answer uint32
	f, answer, end = begin(2)
	if p := f.Read(4, 4096, &received); p != (Place{answer, 4, end}) {
		t.Errorf("all of an answer is at %+v, want %d", p, answer)
	}
	f, answer, end = begin(0)
	if p := f.Read(1, 1, &received); p != (Place{answer, 1, end}) {
		t.Errorf("a piece of the only record is at %+v, want %d", p, answer)
	}
}
