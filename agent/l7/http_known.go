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
	// Some hundred requests are on their way to the last observer. Where two of them have the same place, both
	// must stay: each place has the latest and the one before.
	list [knownHeadPlaces]knownHeadPlace
}

type knownHeadPlace [2]atomic.Pointer[knownHead]

const (
	knownHeadPlaces = 512  // a power of two
	knownHeadBytes  = 1024 // longer ones are read each time, which bounds the table to a few MiB
)

// knownHead is a header that was read.
type knownHead struct {
	bytes   []byte
	facts   httpFacts // its slices point into them
	request *Fields   // nil for an answer
	ok      bool
}

// Of their own, for the same bytes are no answer where they are a request.
var knownRequests, knownAnswers = knownHeads{seed: maphash.MakeSeed()}, knownHeads{seed: maphash.MakeSeed()}

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
	return k.place(data).known(data)
}

func (k *knownHeads) read(data []byte, parse func(*knownHead)) *knownHead {
	place := k.place(data)
	if e := place.known(data); e != nil {
		return e
	}
	e := &knownHead{bytes: bytes.Clone(data)}
	parse(e)
	place[1].Store(place[0].Swap(e))
	return e
}

func (k *knownHeads) place(data []byte) *knownHeadPlace {
	return &k.list[maphash.Bytes(k.seed, data)%knownHeadPlaces]
}

func (p *knownHeadPlace) known(data []byte) *knownHead {
	for i := range p {
		if e := p[i].Load(); e != nil && bytes.Equal(e.bytes, data) {
			return e
		}
	}
	return nil
}
