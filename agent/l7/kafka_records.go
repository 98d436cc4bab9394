package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// kafkaRecords are what batches of records say, as far as they were captured.
type kafkaRecords struct {
	messages int  // of batches whose beginning was captured
	unsure   bool // there are more
	contexts contexts
}

// A batch's header (kafka.apache.org/documentation/#recordbatch), and what is in it.
const (
	kafkaBatchHead     = 61
	kafkaBatchLength   = 8 // where the length of what is behind it stands
	kafkaBatchMagic    = 16
	kafkaBatchFlags    = 21
	kafkaBatchCount    = 57
	kafkaMagic         = 2
	kafkaCompressed    = 7    // of its flags
	kafkaControl       = 0x20 // it says how a transaction ended
	kafkaMostOfBatch   = 1 << 20
	kafkaMostOfHeaders = 64
)

// read reads the batches of n bytes.
func (k *kafkaRecords) read(r *kafkaReader, n int) {
	begin := r.at
	if r.skip(n); r.bad {
		return
	}
	data := r.data[min(begin, len(r.data)):min(r.at, len(r.data))]
	cut := begin+n > len(r.data)
	for at := 0; at < n; {
		if len(data)-at < kafkaBatchHead {
			if cut || n-at >= kafkaBatchHead { // else a batch that the broker has cut off
				k.unsure = true
			}
			break
		}
		batch := data[at:]
		length := int(int32(binary.BigEndian.Uint32(batch[kafkaBatchLength:]))) + kafkaBatchLength + 4
		count := int(int32(binary.BigEndian.Uint32(batch[kafkaBatchCount:])))
		if batch[kafkaBatchMagic] != kafkaMagic || length < kafkaBatchHead || count < 0 || count > kafkaMostOfBatch {
			k.unsure = true // of long ago, without headers
			break
		}
		if at += length; at > n { // the broker has cut it off: the client asks for it again
			break
		}
		flags := batch[kafkaBatchFlags+1]
		if flags&kafkaControl != 0 {
			continue
		}
		k.messages += count
		if flags&kafkaCompressed == 0 {
			k.headers(batch[kafkaBatchHead:min(length, len(batch))], count)
		}
	}
	if cut {
		r.short = true
	}
}

// headers reads the contexts that the records of a batch carry.
func (k *kafkaRecords) headers(data []byte, count int) {
	for ; count > 0; count-- {
		c := kafkaCursor{data: data}
		size := c.varint()
		if c.bad || size < 0 {
			return
		}
		rest := c.data
		whole := size <= int64(len(rest))
		if whole {
			c.data = rest[:size]
		}
		c.take(1) // attributes
		c.varint()
		c.varint()
		c.bytes() // the key
		c.bytes() // the value
		var read tracecontext.Reader
		found := false
		for n := c.varint(); n > 0 && n <= kafkaMostOfHeaders && !c.bad; n-- {
			name, value := c.bytes(), c.bytes()
			found = !c.bad && read.Field(name, value) || found
		}
		if found {
			if context, ok := read.Context(); ok {
				k.contexts.add(context)
			}
		}
		if !whole {
			return
		}
		data = rest[size:]
	}
}

// kafkaCursor reads the fields of a record, whose numbers are varints with their sign in the lowest bit.
type kafkaCursor struct {
	data []byte
	bad  bool // there is no more
}

func (c *kafkaCursor) varint() int64 {
	v, n := binary.Varint(c.data)
	if n <= 0 {
		c.data, c.bad = nil, true
		return 0
	}
	c.data = c.data[n:]
	return v
}

func (c *kafkaCursor) take(n int64) []byte {
	if n > int64(len(c.data)) {
		c.data, c.bad = nil, true
		return nil
	}
	b := c.data[:n]
	c.data = c.data[n:]
	return b
}

// bytes are a length and as many bytes; of a length below zero none.
func (c *kafkaCursor) bytes() []byte { return c.take(max(c.varint(), 0)) }
