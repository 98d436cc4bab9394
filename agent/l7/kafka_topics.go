package l7

import (
	"encoding/base64"
	"sync"
	"sync/atomic"
)

// kafkaID is a topic's id, a UUID (KIP-516). By it alone newer clients name the topics that they produce to and fetch
// from; what it stands for is said in answers to Metadata, mostly on another connection. No other topic of any cluster has
// it, so what one connection tells is good for all.
type kafkaID [16]byte

// append appends the id as Kafka writes it.
func (id kafkaID) append(b []byte) []byte { return base64.RawURLEncoding.AppendEncode(b, id[:]) }

// maxKafkaNames are the names that are remembered: names are of 249 bytes at most.
const maxKafkaNames = 16384

// kafkaNames are the names of topics by their ids.
type kafkaNames struct {
	mu      sync.RWMutex
	byID    map[kafkaID]string
	learned atomic.Uint64 // rises with each name
}

// kafkaTopicNames are those of all connections.
var kafkaTopicNames = kafkaNames{byID: map[kafkaID]string{}}

// learn takes a topic's name.
func (n *kafkaNames) learn(id kafkaID, name []byte) {
	if id == (kafkaID{}) || len(name) == 0 || n.name(id) == string(name) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for other := range n.byID { // any
		if len(n.byID) < maxKafkaNames {
			break
		}
		delete(n.byID, other)
	}
	n.byID[id] = string(name)
	n.learned.Add(1)
}

// name is a topic's name; "": nobody has said it since the agent began.
func (n *kafkaNames) name(id kafkaID) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.byID[id]
}
