package l7

// kafkaSaid is what a message of Kafka says. Its slices point into the message.
type kafkaSaid struct {
	topics     [maxKafkaTopics]kafkaTopic // the first that it names
	named      int                        // how many it names
	partition  int32                      // the first that it names
	partitions int                        // how many it names

	group, transaction []byte
	acks               int16
	wait               int32 // ms
	session, epoch     int32
	forgetting         bool // what follows is fetched no more

	error   int16 // the first that is one
	message []byte

	records kafkaRecords

	name  []byte      // the latest
	fetch *kafkaFetch // takes the partitions, where it is set
}

// maxKafkaTopics are the topics of a message that are told.
const maxKafkaTopics = 8

// kafkaTopic is a topic as a message names it: by its name, or else its id.
type kafkaTopic struct {
	name []byte
	id   kafkaID
}

func (s *kafkaSaid) field(r *kafkaReader, kind byte) {
	switch kind {
	case '1', '2', '4', '8':
		r.skip(int(kind - '0'))
	case 's':
		if n := r.length(2); n > 0 {
			r.skip(n)
		}
	case 't':
		if s.name = r.text(); len(s.name) > 0 && r.ok() {
			if !isKafkaTopic(s.name) {
				r.bad = true
				return
			}
			s.topic(kafkaTopic{name: s.name})
		}
	case 'u':
		if b := r.take(len(kafkaID{})); b != nil {
			s.topic(kafkaTopic{id: kafkaID(b)})
		}
	case 'k':
		if b := r.take(len(kafkaID{})); b != nil {
			kafkaTopicNames.learn(kafkaID(b), s.name)
		}
	case 'p':
		if p := r.int32(); r.ok() {
			s.partitioned(p)
		}
	case 'r':
		if n := r.length(4); n > 0 {
			s.records.read(r, n)
		}
	case 'g':
		s.group = r.text()
	case 'x':
		s.transaction = r.text()
	case 'e':
		if code := r.int16(); s.error == 0 {
			s.error = code
		}
	case 'm':
		if text := r.text(); s.message == nil && s.error != 0 {
			s.message = text
		}
	case 'a':
		if s.acks = r.int16(); s.acks < -1 || s.acks > 1 {
			r.bad = true
		}
	case 'w':
		s.wait = r.int32()
	case 'S':
		s.session = r.int32()
	case 'E':
		s.epoch = r.int32()
	case 'F':
		s.forgetting = true
	case 'T':
		r.tags()
	}
}

func (s *kafkaSaid) topic(t kafkaTopic) {
	if s.fetch != nil {
		s.fetch.topic(t)
	}
	if s.forgetting {
		return
	}
	if s.named < len(s.topics) {
		s.topics[s.named] = t
	}
	s.named++
}

func (s *kafkaSaid) partitioned(p int32) {
	if s.fetch != nil {
		s.fetch.partition(p, s.forgetting)
	}
	if s.forgetting {
		return
	}
	if s.partitions == 0 {
		s.partition = p
	}
	s.partitions++
}

// isKafkaTopic reports whether a text may be a topic's name.
func isKafkaTopic(name []byte) bool {
	const longest = 249
	if len(name) > longest {
		return false
	}
	for _, c := range name {
		if !isLetter(c) && !isDigit(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
