package l7

// kafkaFetch are the partitions that a client fetches on a connection. A fetch session (KIP-227) says them once: later
// requests name those only whose offset has changed, and one that waits for more mostly none at all.
type kafkaFetch struct {
	parts  []kafkaPart
	latest kafkaTopic
	more   bool // there were more than are remembered: none is forgotten any more

	told    string // the topics, as a text
	n       int    // how many
	changed bool
	learned uint64 // names of topics, when it was made
}

type kafkaPart struct {
	id     kafkaID
	name   string
	number int32
}

// maxKafkaParts are the partitions of a connection that are remembered.
const maxKafkaParts = 256

// kept is about how many bytes of memory they take.
func (f *kafkaFetch) kept() int { return cap(f.parts)*(len(kafkaID{})+24) + len(f.told) }

// anew begins a session.
func (f *kafkaFetch) anew() { f.parts, f.more, f.changed = f.parts[:0], false, true }

func (f *kafkaFetch) topic(t kafkaTopic) { f.latest = t }

func (f *kafkaFetch) partition(number int32, forget bool) {
	t := &f.latest
	for i := range f.parts {
		if p := &f.parts[i]; p.number == number && p.id == t.id && p.name == string(t.name) {
			if forget && !f.more {
				f.parts[i] = f.parts[len(f.parts)-1]
				f.parts, f.changed = f.parts[:len(f.parts)-1], true
			}
			return
		}
	}
	switch {
	case forget:
	case len(f.parts) == maxKafkaParts:
		f.more = true
	default:
		f.parts = append(f.parts, kafkaPart{t.id, textOf(t.name), number})
		f.changed = true
	}
}

// topics are the first topics of the session.
func (f *kafkaFetch) topics(list []kafkaTopic) (n int) {
parts:
	for i := range f.parts {
		p := &f.parts[i]
		for _, t := range list[:n] {
			if t.id == p.id && string(t.name) == p.name {
				continue parts
			}
		}
		if n == len(list) {
			break
		}
		list[n] = kafkaTopic{name: []byte(p.name), id: p.id}
		n++
	}
	return n
}
