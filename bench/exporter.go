package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"
)

// exporter makes OTLP requests as an SDK sends them, spans of one service: see template. What
// differs from span to span in the world differs here: ids, times, users, paths, sessions,
// literals of statements. What does not, does not: names, routes, the programs of clients. So it
// compresses like the world's.
type exporter struct {
	body                       []byte
	traces, spans, times, text []place
	rand                       *rand.PCG
}

// place is what is renewed in a body: where it is, and its number.
type place struct{ at, number int }

// Marks stand in a template, followed by a number of four bytes, where each request has something
// of its own. digits stand in texts.
const (
	markTrace = 0xf1f2f3f4
	markSpan  = 0xf5f6f7f8
	markTime  = 0xf9fafbfc
	digits    = "~~~~~~~~"
)

// newExporter makes requests of so many spans; each sender has its own, by number.
func newExporter(spans, sender int) (*exporter, error) {
	body, err := proto.Marshal(template(spans, sender))
	if err != nil {
		return nil, err
	}
	e := &exporter{body: body, rand: rand.NewPCG(uint64(sender), uint64(time.Now().UnixNano()))}
	for i := 0; i+8 <= len(body); {
		switch binary.BigEndian.Uint32(body[i:]) {
		case markTrace:
			e.traces = append(e.traces, place{i, int(binary.BigEndian.Uint32(body[i+4:]))})
			i += 8
		case markSpan:
			e.spans = append(e.spans, place{i, int(binary.BigEndian.Uint32(body[i+4:]))})
			i += 8
		case markTime:
			e.times = append(e.times, place{i, int(binary.BigEndian.Uint32(body[i+4:]))})
			i += 8
		default:
			if bytes.HasPrefix(body[i:], []byte(digits)) {
				e.text = append(e.text, place{i, len(e.text)})
				i += 7
			}
			i++
		}
	}
	return e, nil
}

// next is the next request, valid until the one after it.
func (e *exporter) next() []byte {
	seed := e.rand.Uint64()
	for _, p := range e.traces {
		binary.BigEndian.PutUint64(e.body[p.at:], random(seed, 1, p.number))
		binary.BigEndian.PutUint64(e.body[p.at+8:], random(seed, 2, p.number))
	}
	for _, p := range e.spans {
		binary.BigEndian.PutUint64(e.body[p.at:], random(seed, 3, p.number))
	}
	now := uint64(time.Now().UnixNano())
	for _, p := range e.times { // even numbers are starts, odd ones the ends
		span := p.number / 2
		at := now + uint64(span)*20_000 + random(seed, 4, span)%20_000
		if p.number%2 == 1 {
			at += 50_000 + random(seed, 5, span)%(1<<(10+span%16))
		}
		binary.LittleEndian.PutUint64(e.body[p.at:], at)
	}
	for _, p := range e.text {
		v := random(seed, 6, p.number)
		for i := range len(digits) {
			e.body[p.at+i] = "0123456789abcdef"[v>>(4*i)&15]
		}
	}
	return e.body
}

// random is a number that has nothing to do with its neighbours' (SplitMix64).
func random(seed, what uint64, number int) uint64 {
	v := seed + what<<48 + uint64(number+1)*0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
