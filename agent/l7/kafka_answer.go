package l7

import "encoding/binary"

// What a request notes for its answer: its version, its kind, and the number of its shape.
const (
	kafkaVersionBits = 5
	kafkaKeyBits     = 7
	kafkaMaxShape    = 1<<(32-kafkaVersionBits-kafkaKeyBits) - 1
	kafkaUnread      = 1<<kafkaKeyBits - 1 // a kind that is not known
)

func kafkaExpects(shape uint32, q *kafkaRequest) uint32 {
	key := uint32(q.key)
	if q.unread && q.api == &unknownKafka || q.version > q.api.latest {
		key = kafkaUnread
	}
	return shape<<(kafkaVersionBits+kafkaKeyBits) | key<<kafkaVersionBits | uint32(q.version)
}

// kafkaExpected is what a request notes; the kind is nil where its answers cannot be read.
func kafkaExpected(f *Fields) (shape uint32, api *kafkaAPI, version int16) {
	key := f.Expect >> kafkaVersionBits & (1<<kafkaKeyBits - 1)
	if int(key) < len(kafkaAPIs) {
		api = &kafkaAPIs[key]
	}
	return f.Expect >> (kafkaVersionBits + kafkaKeyBits), api, int16(f.Expect & (1<<kafkaVersionBits - 1))
}

func (d *kafkaDialogue) Response(data []byte, missing int, x Exchanges) Step {
	if d.says.begun {
		return d.answerRest(data, missing, x)
	}
	const least = 4 // the correlation id
	if len(data) < kafkaHead+least {
		return kafkaShort(missing)
	}
	size := int(binary.BigEndian.Uint32(data))
	if size < least || size > kafkaLongest {
		return Step{State: Bad}
	}
	id := binary.BigEndian.Uint32(data[kafkaHead:])
	a := kafkaAnswer{begun: true, left: uint64(size)}
	if f := x.Open(kafkaKey(id)); f != nil {
		if _, api, version := kafkaExpected(f); api != nil {
			var said kafkaSaid
			short := said.answer(api, version, data[kafkaHead:min(len(data), kafkaHead+size)], size)
			receives := api.flags&kafkaReceives != 0
			if short && !(receives && said.partitions > 0) && missing == 0 && len(data) < min(kafkaHead+size, kafkaWanted) {
				return Step{State: More} // records are not waited for: they may leave from a file
			}
			said.outcome(f)
			if receives {
				a.of = kafkaKey(id)
			}
		}
		d.follows[1] = true
	} else if !d.follows[1] && d.latest-id >= kafkaRecent {
		return Step{State: Bad}
	}
	d.says = a
	return Step{State: Head, Key: kafkaKey(id), Advance: kafkaHead}
}

// answerRest passes an answer. Of one with messages it tells what they are.
func (d *kafkaDialogue) answerRest(data []byte, missing int, x Exchanges) Step {
	a := d.says
	if a.of != 0 {
		if f := x.Open(a.of); f != nil {
			shape, api, version := kafkaExpected(f)
			var said kafkaSaid
			short := said.answer(api, version, data[:min(uint64(len(data)), a.left)], int(a.left))
			if short && missing == 0 && len(data) < int(min(a.left, kafkaWanted)) {
				return Step{State: More}
			}
			d.received(&said, short, shape, f)
		}
	}
	d.says = kafkaAnswer{}
	return Step{State: End, Advance: a.left}
}

// answer reads an answer of some size, and reports whether there is more of it than is in the frame.
func (s *kafkaSaid) answer(api *kafkaAPI, version int16, frame []byte, size int) (short bool) {
	const apiVersions = 18 // whose answers are read before anything is agreed upon
	r := kafkaReader{data: frame, size: size, flexible: version >= api.flexible}
	r.int32()
	if api != &kafkaAPIs[apiVersions] {
		r.tags()
	}
	api.answer.read(&r, version, s)
	return r.short
}

// received says in a request for messages which have come: of the topics that they are of, and how many. Whom they are
// from are links: it was not they who asked.
func (d *kafkaDialogue) received(said *kafkaSaid, short bool, number uint32, f *Fields) {
	known := d.shapes.shown(number)
	if known == nil {
		return
	}
	shape := *known
	if !short && !said.records.unsure {
		shape.messages = said.records.messages
	}
	if said.named > 0 {
		shape.resource, shape.topics = d.topics(said.topics[:min(said.named, len(said.topics))]), said.named
		if shape.partition = -1; said.partitions == 1 {
			shape.partition = said.partition
		}
	}
	d.shapes.show(&shape, f)
	said.outcome(f)
	f.Links = said.records.contexts.links()
}
