package tlsrecord

import "slices"

// overheads are what a record is longer than what it says, by the ciphers in use: TLS 1.3 (a tag and a type), 1.2 with
// ChaCha20 (a tag), and with AES in GCM or CCM (a tag and a nonce).
var overheads = []int{17, 16, 24}

// Flow is both directions of a connection.
type Flow struct {
	In, Out  Stream
	overhead int // 0: not known yet
	places   []Place
}

// Place is where bytes in clear stand for the TCP stream: they begin at Seq, and Len of them are of one record. Len is 0
// where it is not known.
type Place struct {
	Seq uint32
	Len int
	End uint32 // where the record ends: nobody can read of it before
}

// clear is how much a record says, if that is known.
func (f *Flow) clear(r Record) int { return r.Len - f.overhead }

// learn takes that a record said so many bytes and no more.
func (f *Flow) learn(r Record, n int) {
	if f.overhead == 0 && slices.Contains(overheads, r.Len-n) {
		f.overhead = r.Len - n
	}
}

// Wrote is where bytes lie that the library has taken, whose records begin at from or behind it and have been sent by now: a
// place for each record. It ends where the next record was not seen, and is valid until the next call.
func (f *Flow) Wrote(n int, from uint32) []Place {
	s := &f.Out
	s.drop(from)
	f.places = f.places[:0]
	if len(s.records) == 0 || s.lost && s.records[0].Seq != from {
		return f.places
	}
	s.lost = false
	if len(s.records) == 1 {
		f.learn(s.records[0], n)
	}
	used := 0
	for ; used < len(s.records) && n > 0; used++ {
		r := s.records[used]
		says := f.clear(r)
		if f.overhead == 0 {
			says = min(n, r.Len-24) // at least; what is behind is not known
		}
		if says <= 0 {
			break
		}
		f.places = append(f.places, Place{r.Seq, min(n, says), r.end()})
		n -= says
		if f.overhead == 0 {
			used = len(s.records)
			break
		}
	}
	s.records = s.records[:copy(s.records, s.records[used:])]
	return f.places
}

// Cut takes the places of the first n bytes from those of more. It changes them.
func Cut(at *[]Place, n int) []Place {
	all := *at
	for i := range all {
		switch {
		case all[i].Len > n:
			first := append(slices.Clone(all[:i]), Place{all[i].Seq, n, all[i].End})
			all[i].Seq += uint32(n)
			all[i].Len -= n
			*at = all[i:]
			return first
		case all[i].Len == n:
			*at = all[i+1:]
			return all[: i+1 : i+1]
		}
		n -= all[i].Len
	}
	*at = nil
	return all
}

// Sends reports whether the records that a direction has sent from a place on say so many bytes: written is what the library
// took in each of its calls.
func (f *Flow) Sends(from uint32, written []int) bool {
	total, records, sum := 0, 0, 0
	for _, r := range f.Out.records {
		if int32(r.Seq-from) >= 0 {
			total += r.Len
			records++
		}
	}
	pieces := 0
	for _, n := range written {
		sum += n
		pieces += (n + 1<<14 - 1) >> 14
	}
	if records == 0 || records < pieces {
		return false
	}
	if f.overhead != 0 {
		return total == sum+records*f.overhead
	}
	return slices.ContainsFunc(overheads, func(o int) bool { return total == sum+records*o })
}

// Asks takes that the library is given something to send before it has given anything: all that was received until now is a
// handshake's. tickets says that the other side may go on with records that give nothing to read (RFC 8446, 4.6.1).
func (f *Flow) Asks(tickets bool) {
	f.In.tickets = tickets
	f.In.records, f.In.lost, f.In.partly = f.In.records[:0], f.In.lost && !f.In.placed, false
}

// Gives reports whether what a direction has received, and nobody has read yet, begins with a record that says so many bytes.
func (f *Flow) Gives(n, room int) bool {
	for _, r := range f.In.records {
		if f.overhead != 0 && f.clear(r) == n || f.overhead == 0 && n < room && slices.Contains(overheads, r.Len-n) {
			return true
		}
	}
	return false
}

// Read is where bytes lie that a library has given to a caller who had room for so many. A library gives of one record
// at a time. received says from where on the library itself received bytes for that, if it did: it does when it has none left
// to give.
func (f *Flow) Read(n, room int, received *uint32) Place {
	s := &f.In
	if received != nil {
		s.given(*received)
	}
	if s.tickets && n >= room && len(s.records) != 1 { // which of them are tickets is not told by a piece of one
		s.tickets, s.lost, s.partly = false, true, false
		return Place{}
	}
	if s.lost {
		if received == nil || len(s.records) == 0 || s.records[0].Seq != *received {
			return Place{}
		}
		s.lost = false
	}
	if s.partly {
		if p, ok := f.readOn(n, room); ok {
			return p
		}
		s.partly = false
	}
	for len(s.records) > 0 {
		r := s.records[0]
		s.records = s.records[:copy(s.records, s.records[1:])]
		s.current, s.used, s.partly = r, 0, true
		if p, ok := f.readOn(n, room); ok {
			return p
		}
	}
	s.partly = false
	return Place{}
}

// readOn takes bytes of the record that is being read; false: they cannot be of it.
func (f *Flow) readOn(n, room int) (Place, bool) {
	s := &f.In
	p := Place{s.current.Seq + uint32(s.used), n, s.current.end()}
	used, whole := s.used+n, n < room
	switch {
	case f.overhead != 0:
		left := f.clear(s.current) - used
		if left < 0 || whole && left != 0 {
			return Place{}, false
		}
		s.partly = left > 0
		if whole {
			s.tickets = false
		}
	case whole:
		if f.learn(s.current, used); f.overhead == 0 {
			return Place{}, false
		}
		s.partly, s.tickets = false, false
	case used > s.current.Len-16:
		return Place{}, false
	}
	s.used = used
	return p, true
}
