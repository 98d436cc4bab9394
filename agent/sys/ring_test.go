package sys

import (
	"encoding/binary"
	"testing"
	"time"
)

// fakeRing has records of one byte each in memory.
type fakeRing struct {
	ring
	written uint64
}

func newFakeRing() *fakeRing {
	const size = 1 << 16
	f := &fakeRing{}
	f.ring = ring{consumer: new(uint64), producer: &f.written, data: make([]byte, 2*size), mask: size - 1}
	return f
}

func (f *fakeRing) write() {
	at := f.written & f.mask
	for _, place := range [...]uint64{at, at + f.mask + 1} { // the same memory, twice
		binary.LittleEndian.PutUint32(f.data[place:], 1)
	}
	f.written += 16
}

// A pass ends though records come as fast as they are read.
func TestAPassEndsUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFakeRing()
	f.write()
	records, more := f.Drain(func([]byte) { f.write() }, 1000)
	if records != 1000 || !more {
		t.Errorf("%d records, more: %v", records, more)
	}
	records, more = f.Drain(func([]byte) {}, 1000)
	if records != 1 || more {
		t.Errorf("then %d records, more: %v; want the one that was left", records, more)
	}
}

// The end of a capture does not wait for programs that go on.
func TestACaptureEndsUnderLoad(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	s := b.capture(Auto)
	p, _ := b.echo()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		until(t, func() bool { return s.line("calls captured") > 0 }) // counted while the load lasts
		s.capture.Close()
	}()
	for {
		p.echoes(10_000)
		select {
		case <-ended:
			return
		case <-time.After(0):
		}
	}
}
