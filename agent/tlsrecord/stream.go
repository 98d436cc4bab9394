package tlsrecord

// Types of records.
const (
	changeCipherSpec = 20
	alert            = 21
	handshake        = 22
	application      = 23
	heartbeat        = 24
)

// HeaderSize is how long a record's header is.
const HeaderSize = 5

const (
	// recordMost is the longest record (RFC 5246, 6.2.3: 2^14 and 2048 more).
	recordMost = 1<<14 + 2048
	// finished256 and finished384 are how long a client's last record of a handshake of TLS 1.3 is, by its hash: alone, where
	// it shows no certificate.
	finished256 = 4 + 32 + 17
	finished384 = 4 + 48 + 17
	// waiting bounds the records of a direction that nobody has read yet.
	waiting = 64
)

// Record is one of a direction.
type Record struct {
	Seq  uint32 // TCP sequence number of its header
	Len  int    // behind the header
	Type uint8
}

// end is the sequence number behind the record.
func (r Record) end() uint32 { return r.Seq + HeaderSize + uint32(r.Len) }

// Stream is one direction: what it has said in records that the library has not taken or given yet.
type Stream struct {
	next   uint32 // where the next header begins
	placed bool   // that is known
	head   [HeaderSize]byte
	have   int // bytes of a header that came in part

	records []Record
	lost    bool // records were missed, or are a handshake's: what is read next may be of one of them
	changed bool // the sender has changed its cipher
	tickets bool // the first records may be a server's tickets, which nobody reads
	opening bool // the next record may be what a handshake goes on with, encrypted (TLS 1.3)

	current Record // being read, used of it in clear
	used    int
	partly  bool
}

// plausible reports whether bytes may be a record's header.
func plausible(h []byte) bool {
	size := int(h[3])<<8 | int(h[4])
	return h[0] >= changeCipherSpec && h[0] <= heartbeat && h[1] == 3 && h[2] <= 4 && size > 0 && size <= recordMost
}

// Begins reports whether a direction's bytes look like a record's beginning.
func Begins(data []byte) bool { return len(data) >= HeaderSize && plausible(data) }

// isHello reports whether what a record of a handshake says is a hello in clear.
func isHello(body []byte, size int) bool {
	return len(body) >= 4 && (body[0] == clientHello || body[0] == serverHello) && body[1] == 0 && int(body[2])<<8|int(body[3]) == size-4
}

// Feed takes bytes of the direction, of which data were captured. It reports whether they are of records that are followed.
func (s *Stream) Feed(seq uint32, length int, data []byte) bool {
	data = data[:min(len(data), length)]
	if s.placed && int32(seq-s.next-uint32(s.have)) > 0 {
		s.lose()
	}
	if !s.placed {
		if !Begins(data) {
			return false
		}
		s.next, s.placed, s.have = seq, true, 0
	}
	for {
		ahead := int32(s.next + uint32(s.have) - seq)
		if ahead < 0 {
			return true // sent again
		}
		at := int(ahead)
		if at >= length {
			return true
		}
		if at >= len(data) {
			s.lose() // a header that was not captured
			return true
		}
		n := copy(s.head[s.have:], data[at:])
		if s.have += n; s.have < HeaderSize {
			if at+n < length {
				s.lose()
			}
			return true
		}
		if s.have = 0; !plausible(s.head[:]) {
			s.lose()
			return false
		}
		r := Record{s.next, int(s.head[3])<<8 | int(s.head[4]), s.head[0]}
		s.next += HeaderSize + uint32(r.Len)
		switch {
		case r.Type == changeCipherSpec:
			s.changed = true
		case r.Type == handshake:
			s.opening = !s.changed || isHello(data[min(at+n, len(data)):], r.Len) // behind the change it ends the handshake of TLS 1.2
		case r.Type != application:
		case s.opening:
			s.opening = false
			s.lost = s.lost || r.Len != finished256 && r.Len != finished384 // else it is what ends the handshake
		default:
			s.put(r)
		}
	}
}

func (s *Stream) put(r Record) {
	if len(s.records) >= waiting {
		s.records = s.records[:copy(s.records, s.records[1:])]
		s.lost = true
	}
	s.records = append(s.records, r)
}

func (s *Stream) lose() {
	s.placed, s.have, s.partly, s.opening = false, 0, false, false
	s.records = s.records[:0]
	s.lost = true
}

// Ends is where the last header's record ends, if records are followed: there nothing is under way.
func (s *Stream) Ends() (seq uint32, ok bool) { return s.next, s.placed && s.have == 0 }

// Waits reports whether records were seen that nobody was told to have read or written.
func (s *Stream) Waits() bool { return len(s.records) > 0 }

// given takes that all records are given that were received whole before a place.
func (s *Stream) given(before uint32) {
	whole := func(r Record) bool { return int32(r.end()-before) <= 0 }
	s.partly = s.partly && !whole(s.current)
	n := 0
	for n < len(s.records) && whole(s.records[n]) {
		n++
	}
	s.records = s.records[:copy(s.records, s.records[n:])]
}

// drop drops records that begin before a place.
func (s *Stream) drop(before uint32) {
	n := 0
	for n < len(s.records) && int32(s.records[n].Seq-before) < 0 {
		n++
	}
	s.records = s.records[:copy(s.records, s.records[n:])]
}
