package l7

import (
	"bytes"
	"hash/maphash"
)

// A node sees the same header several times within milliseconds: at the system calls of both ends and
// in the packets of each interface on the way. What it says is a matter of its bytes alone, so it is
// read once: the table keeps what was read of late, by the bytes, for every capture of the process.
// Entries are never changed, so readers need no lock.
type knownHeads struct{ known[knownHead] }

const knownHeadBytes = 2048 // longer ones are read each time, which bounds the table to a few MiB

// knownHead is a header that was read.
type knownHead struct {
	bytes   []byte
	facts   httpFacts // its slices point into them
	request *Fields   // nil for an answer
	ok      bool
}

// Of their own, for the same bytes are no answer where they are a request.
var knownRequests, knownAnswers knownHeads

// request is parseRequestHead, for f that nothing was written to.
func (k *knownHeads) request(data []byte, whole bool, f *Fields) (httpFacts, bool) {
	if !whole || len(data) > knownHeadBytes {
		h, ok := parseRequestHead(data, whole, f)
		return h.httpFacts, ok
	}
	e := k.read(data, func(e *knownHead) {
		e.request = new(Fields)
		h, ok := parseRequestHead(e.bytes, true, e.request)
		e.facts, e.ok = h.httpFacts, ok
	})
	*f = *e.request
	return e.facts, e.ok
}

// response is parseResponseHead.
func (k *knownHeads) response(data []byte, whole bool) (httpFacts, bool) {
	if !whole || len(data) > knownHeadBytes {
		h, ok := parseResponseHead(data, whole)
		return h.httpFacts, ok
	}
	e := k.read(data, func(e *knownHead) {
		h, ok := parseResponseHead(e.bytes, true)
		e.facts, e.ok = h.httpFacts, ok
	})
	return e.facts, e.ok
}

// whole is the header that all of data is, if it was read before: where its end is need not be looked for.
func (k *knownHeads) whole(data []byte) *knownHead {
	if len(data) > knownHeadBytes || !bytes.HasSuffix(data, []byte("\r\n\r\n")) {
		return nil
	}
	return k.of(maphash.Bytes(knownSeed, data), data)
}

func (k *knownHeads) read(data []byte, parse func(*knownHead)) *knownHead {
	hash := maphash.Bytes(knownSeed, data)
	if e := k.of(hash, data); e != nil {
		return e
	}
	e := &knownHead{bytes: bytes.Clone(data)}
	parse(e)
	k.add(hash, e)
	return e
}

func (k *knownHeads) of(hash uint64, data []byte) *knownHead {
	return k.find(hash, func(e *knownHead) bool { return bytes.Equal(e.bytes, data) })
}
