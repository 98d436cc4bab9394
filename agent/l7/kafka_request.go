package l7

// kafkaRequest is a request as far as it was captured.
type kafkaRequest struct {
	key, version int16
	api          *kafkaAPI
	correlation  uint32
	client       []byte

	said   kafkaSaid
	short  bool // there is more of it than was captured
	unread bool // what it says is not known
}

// unknownKafka is a request of tomorrow.
var unknownKafka = kafkaAPI{name: "Unknown", flexible: 0, latest: never}

// read reads a frame of some size; false: it is none. The partitions of a fetch go to where they are collected.
func (q *kafkaRequest) read(frame []byte, size int, fetch *kafkaFetch) bool {
	r := kafkaReader{data: frame, size: size}
	q.key, q.version, q.correlation = r.int16(), r.int16(), uint32(r.int32())
	if q.key < 0 || q.version < 0 || q.version >= int16(len(kafkaVersions)) || q.key > 1<<10 {
		return false
	}
	if q.api = &unknownKafka; int(q.key) < len(kafkaAPIs) {
		q.api = &kafkaAPIs[q.key]
	}
	if q.client = r.text(); !isKafkaClient(q.client) {
		return false
	}
	if r.bad {
		return false
	}
	if q.version > q.api.latest || q.api == &unknownKafka {
		q.unread = true // its layout is of tomorrow
		return true
	}
	r.flexible = q.version >= q.api.flexible
	r.tags()
	q.said.fetch = fetch
	q.api.request.read(&r, q.version, &q.said)
	q.short, q.unread = r.short, r.bad
	return true
}

// isKafkaClient reports whether a text may be a client's name, as people and libraries choose it.
func isKafkaClient(name []byte) bool {
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
