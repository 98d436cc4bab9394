package l7

import (
	"encoding/binary"
	"time"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// Kafka is Apache Kafka's protocol (kafka.apache.org/protocol), which Redpanda and others speak too. A request has a kind
// (its API key), a version and a correlation id, which its answer has too; what else it says each kind and version
// has its own layout for.
var Kafka = Protocol{
	Name:       "Kafka",
	Ports:      []uint16{9092, 19092, 29092, 9094},
	Detect:     detectKafka,
	Firsts:     bytesOf(func(c byte) bool { return c == 0 }),
	Resume:     resumeKafka,
	New:        func() Dialogue { return newKafka() },
	AtOnce:     true,                               // a producer's one thread writes for all
	Unanswered: true,                               // acks=0
	Patience:   Patience{Answer: 10 * time.Minute}, // a group that waits for its members
}

const (
	kafkaLongest = 1 << 30 // of a frame
	kafkaWanted  = 8 << 10 // of a frame that is waited for
	kafkaHead    = 4       // the length in front of a frame
	kafkaName    = 256     // is longer than names of clients are
	kafkaLeast   = 4 + 2 + 2 + 2
	kafkaRecent  = 4096 // requests ago; an answer to one that was not seen is believed
)

// kafkaDialogue is the framing state of a connection.
type kafkaDialogue struct {
	asked uint64 // bytes of the client's frame that are left
	asks  bool
	says  kafkaAnswer

	latest  uint32  // correlation id of the latest request
	follows [2]bool // the client's frames are followed, and the server's

	shapes kafkaShapes
	fetch  kafkaFetch
	joined []byte                 // names of topics, for a moment
	others []tracecontext.Context // of a message, for a moment
}

// kafkaAnswer is where in its frame the server is.
type kafkaAnswer struct {
	begun bool
	left  uint64
	of    uint64 // the key; 0: of a request that was not seen
}

func newKafka() *kafkaDialogue {
	return new(kafkaDialogue)
}

// Kept is about how many bytes of memory the dialogue keeps.
func (d *kafkaDialogue) Kept() int {
	return d.shapes.kept() + d.fetch.kept() + cap(d.joined) + 48*cap(d.others)
}

func (d *kafkaDialogue) Reset(request bool) {
	if request {
		d.asks = false
	} else {
		d.says = kafkaAnswer{}
	}
}

// Missed says that frames were.
func (d *kafkaDialogue) Missed(request bool) {
	if request {
		d.follows[0] = false
	} else {
		d.follows[1] = false
	}
}

// kafkaKey pairs a request and its answer. A correlation id may be 0.
func kafkaKey(correlation uint32) uint64 { return uint64(correlation) + 1 }

// kafkaShort is the step where a frame's beginning is not all there.
func kafkaShort(missing int) Step {
	if missing > 0 {
		return Step{State: Bad}
	}
	return Step{State: More}
}

func (d *kafkaDialogue) Request(data []byte, missing int, x Exchanges) Step {
	if d.asks {
		d.asks = false
		return Step{State: End, Advance: d.asked}
	}
	if !d.follows[0] {
		switch detectKafka(data) {
		case MatchNone:
			return Step{State: Bad}
		case MatchMore:
			return kafkaShort(missing)
		}
		d.follows[0] = true
	}
	if len(data) < kafkaHead+kafkaLeast {
		return kafkaShort(missing)
	}
	size := int(binary.BigEndian.Uint32(data))
	if size < kafkaLeast || size > kafkaLongest {
		return Step{State: Bad}
	}
	var q kafkaRequest
	q.said.records.contexts.others = d.others[:0]
	if !q.read(data[kafkaHead:min(len(data), kafkaHead+size)], size, nil) {
		return Step{State: Bad}
	}
	if q.short && missing == 0 && len(data) < min(kafkaHead+size, kafkaWanted) {
		return Step{State: More}
	}
	d.asks, d.asked = true, uint64(size)
	d.latest = q.correlation
	step := Step{State: Head, Key: kafkaKey(q.correlation), Advance: kafkaHead}
	switch {
	case q.api.flags&kafkaSilent != 0:
		step.Role = Silent
	case q.api == &kafkaAPIs[0] && q.said.acks == 0 && !q.unread:
		step.Role = OneWay
	}
	d.say(&q, data[kafkaHead:min(len(data), kafkaHead+size)], size, x.Begun())
	d.others = q.said.records.contexts.others
	return step
}

// say writes what a request says.
func (d *kafkaDialogue) say(q *kafkaRequest, frame []byte, size int, f *Fields) {
	f.Protocol, f.Type = Kafka.Name, q.api.name
	if int(q.version) < len(kafkaVersions) {
		f.Version = kafkaVersions[q.version]
	}
	said := &q.said
	shape := kafkaShape{
		api: q.api, client: textOf(q.client), group: textOf(said.group), partition: -1, messages: -1,
		blocking: q.api.flags&kafkaWaits != 0 && (q.api.flags&kafkaReceives == 0 || said.wait > 0),
	}
	if said.partitions == 1 {
		shape.partition = said.partition
	}
	switch fetches := q.api.flags&kafkaReceives != 0; {
	case fetches && said.epoch >= 0: // by a session
		if said.epoch == 0 {
			d.fetch.anew()
		}
		var again kafkaRequest
		again.read(frame, size, &d.fetch)
		shape.resource, shape.topics = d.fetched()
		if shape.partition = -1; len(d.fetch.parts) == 1 {
			shape.partition = d.fetch.parts[0].number
		}
	default:
		shape.resource, shape.topics = d.topics(said.topics[:min(said.named, len(said.topics))]), said.named
	}
	switch {
	case shape.resource != "":
	case shape.group != "":
		shape.resource = shape.group
	default:
		shape.resource = textOf(said.transaction)
	}
	if q.api.flags&kafkaSends != 0 {
		if !said.records.unsure && !q.short {
			shape.messages = said.records.messages
		}
		said.records.contexts.of(f)
	}
	f.Expect = kafkaExpects(d.shapes.show(&shape, f), q)
}

// fetched are the topics that the client's fetch session is of.
func (d *kafkaDialogue) fetched() (names string, n int) {
	fetch := &d.fetch
	if learned := kafkaTopicNames.learned.Load(); fetch.changed || fetch.learned != learned {
		var list [maxKafkaTopics]kafkaTopic
		fetch.n = fetch.topics(list[:])
		fetch.told = d.topics(list[:fetch.n])
		fetch.changed, fetch.learned = false, learned
	}
	return fetch.told, fetch.n
}

// topics are names of topics as one text, of those whose names are not known the ids.
func (d *kafkaDialogue) topics(list []kafkaTopic) string {
	const most = 1024
	if len(list) == 1 {
		if len(list[0].name) > 0 {
			return textOf(list[0].name)
		}
		if name := kafkaTopicNames.name(list[0].id); name != "" {
			return name
		}
	}
	d.joined = d.joined[:0]
	for _, t := range list {
		if len(d.joined) > 0 {
			d.joined = append(d.joined, ", "...)
		}
		if len(t.name) > 0 {
			d.joined = append(d.joined, t.name...)
		} else if name := kafkaTopicNames.name(t.id); name != "" {
			d.joined = append(d.joined, name...)
		} else if t.id != (kafkaID{}) {
			d.joined = t.id.append(d.joined)
		}
	}
	return textOf(d.joined[:min(len(d.joined), most)])
}
