package l7

import "encoding/binary"

// kafkaReader reads the fields of a frame of Kafka one after the other. Of a frame that was not captured whole it
// knows the length: what claims to be longer is bad, what lies behind what was captured makes it short.
type kafkaReader struct {
	data       []byte // as far as it was captured
	size       int    // of the frame
	at         int
	flexible   bool // lengths are varints and one more than they say, and fields may be tagged (KIP-482)
	short, bad bool
}

func (r *kafkaReader) ok() bool { return !r.short && !r.bad }

// take is the next n bytes; nil where they are not there.
func (r *kafkaReader) take(n int) []byte {
	switch {
	case !r.ok():
		return nil
	case n < 0 || n > r.size-r.at:
		r.bad = true
		return nil
	case n > len(r.data)-r.at:
		r.short = true
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at : r.at]
}

// skip passes n bytes, captured or not. What lies behind those that were not is not read, or an array of what is passed
// would be as long as it says.
func (r *kafkaReader) skip(n int) {
	if r.ok() {
		r.at += n
		r.bad = n < 0 || r.at > r.size
		r.short = r.at > len(r.data)
	}
}

func (r *kafkaReader) int16() int16 {
	if b := r.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (r *kafkaReader) int32() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// uvarint is an unsigned number of 32 bits at most, seven in a byte, the lowest first.
func (r *kafkaReader) uvarint() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.take(1)
		if b == nil {
			return 0
		}
		v |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			if v > 1<<32-1 {
				break
			}
			return uint32(v)
		}
	}
	r.bad = true
	return 0
}

// length is that of a text, of bytes or of an array; -1: there is none.
func (r *kafkaReader) length(plain int) int {
	switch {
	case r.flexible:
		return int(r.uvarint()) - 1
	case plain == 2:
		return int(r.int16())
	}
	return int(r.int32())
}

// text is a string, which may be none.
func (r *kafkaReader) text() []byte {
	n := r.length(2)
	if n < 0 {
		if n < -1 {
			r.bad = true
		}
		return nil
	}
	return r.take(n)
}

// count is how many elements an array has. Each of them has a byte at least.
func (r *kafkaReader) count() int {
	n := r.length(4)
	if n < -1 || n > r.size-r.at {
		r.bad = true
		return 0
	}
	return n
}

// tags passes tagged fields.
func (r *kafkaReader) tags() {
	if !r.flexible {
		return
	}
	for n := r.uvarint(); n > 0 && r.ok(); n-- {
		r.uvarint()
		r.skip(int(r.uvarint()))
	}
}
