package l7

import "encoding/binary"

// The kinds of AMQP's frames, which end with an octet of their own (AMQP 0-9-1, 2.3).
const (
	amqpMethod    = 1
	amqpHeader    = 2
	amqpBody      = 3
	amqpHeartbeat = 8

	amqpFrameHead = 7 // kind, channel, size
	amqpFrameEnd  = 0xce
	amqpLargest   = 16 << 20 // of a frame: what is agreed upon is 128 KiB
)

// amqpFrame is a frame's header.
type amqpFrame struct {
	kind    byte
	channel uint16
	size    int
}

// readAMQPFrame reads a frame's header; false: it is none, or its end is not where it should be.
func readAMQPFrame(data []byte) (f amqpFrame, ok bool) {
	f = amqpFrame{data[0], binary.BigEndian.Uint16(data[1:]), int(binary.BigEndian.Uint32(data[3:]))}
	if f.size > amqpLargest || f.end() <= len(data) && data[f.end()-1] != amqpFrameEnd {
		return f, false
	}
	switch f.kind {
	case amqpMethod:
		return f, f.size >= 4
	case amqpHeader:
		return f, f.channel != 0 && f.size >= 14
	case amqpBody:
		return f, f.channel != 0
	case amqpHeartbeat:
		return f, f.channel == 0 && f.size == 0
	}
	return f, false
}

// end is where the next frame begins.
func (f amqpFrame) end() int { return amqpFrameHead + f.size + 1 }

// payload is what a frame carries, as far as it was captured.
func (f amqpFrame) payload(data []byte) []byte {
	return data[amqpFrameHead:min(len(data), amqpFrameHead+f.size)]
}

// amqpReader reads the arguments of a method, or the properties of a message. What is cut off is empty.
type amqpReader struct {
	data []byte
	cut  bool
}

func (r *amqpReader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.data, r.cut = nil, true
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *amqpReader) octet() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *amqpReader) short() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *amqpReader) long() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *amqpReader) longlong() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// shortText is a text of up to 255 bytes.
func (r *amqpReader) shortText() []byte { return r.take(int(r.octet())) }

// table is a reader of the fields of a table, as far as they were captured.
func (r *amqpReader) table() amqpReader {
	size := int(r.long())
	return amqpReader{data: r.take(min(size, len(r.data)))}
}

// field is the next field of a table. Its value is nil unless it is a text; false: there is none.
func (r *amqpReader) field() (name, value []byte, ok bool) {
	if len(r.data) == 0 {
		return nil, nil, false
	}
	name = r.shortText()
	switch kind := r.octet(); kind {
	case 'S', 'x', 'A', 'F':
		if value = r.take(int(r.long())); kind != 'S' {
			value = nil
		}
	case 't', 'b', 'B':
		r.take(1)
	case 's', 'u', 'U':
		r.take(2)
	case 'I', 'i', 'f':
		r.take(4)
	case 'D':
		r.take(5)
	case 'L', 'l', 'd', 'T':
		r.take(8)
	case 'V':
	default:
		return nil, nil, false
	}
	return name, value, !r.cut
}
