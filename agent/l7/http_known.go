package l7

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"
)

// A node sees the same header several times within milliseconds: at the system calls of both ends and
// in the packets of each interface on the way. What it says is a matter of its bytes alone, so it is
// read once: the table keeps what was read of late, by the bytes, for every capture of the process.
// Entries are never changed, so readers need no lock.
type knownHeads struct {
	seed maphash.Seed
	list [knownHeadsKept]atomic.Pointer[knownHead]
}

const (
	knownHeadsKept = 2048 // a power of two; some hundred requests are on their way to the last observer
	knownHeadBytes = 1024 // longer ones are read each time, which bounds the table to a few MiB
)

// knownHead is a header that was read.
type knownHead struct {
	bytes  []byte
	head   httpHeader // its slices point into them
	fields Fields     // of a request
	ok     bool
}

var heads = knownHeads{seed: maphash.MakeSeed()}

// request is parseRequestHead, for f that nothing was written to.
func (k *knownHeads) request(data []byte, whole bool, f *Fields) (httpHeader, bool) {
	if !whole || len(data) > knownHeadBytes {
		return parseRequestHead(data, whole, f)
	}
	e := k.read(data, func(e *knownHead) { e.head, e.ok = parseRequestHead(e.bytes, true, &e.fields) })
	*f = e.fields
	return e.head, e.ok
}

// response is parseResponseHead.
func (k *knownHeads) response(data []byte, whole bool) (httpHeader, bool) {
	if !whole || len(data) > knownHeadBytes {
		return parseResponseHead(data, whole)
	}
	e := k.read(data, func(e *knownHead) { e.head, e.ok = parseResponseHead(e.bytes, true) })
	return e.head, e.ok
}

func (k *knownHeads) read(data []byte, parse func(*knownHead)) *knownHead {
	at := &k.list[maphash.Bytes(k.seed, data)%knownHeadsKept]
	if e := at.Load(); e != nil && bytes.Equal(e.bytes, data) {
		return e
	}
	e := &knownHead{bytes: bytes.Clone(data)}
	parse(e)
	at.Store(e)
	return e
}
