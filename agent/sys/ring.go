package sys

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// The first word of a record's header: its length and two flags (linux/bpf.h).
const (
	recordBusy      = 1 << 31 // reserved, not yet submitted
	recordDiscarded = 1 << 30
	recordHeader    = 8
)

// ring reads a BPF ring buffer in place: 5 to 10 times cheaper for records of 1 KiB than
// copying each out. It has one reader, and needs no wake-ups: it is asked.
type ring struct {
	consumerPage, producerPages []byte
	consumer, producer          *uint64
	data                        []byte
	mask                        uint64
}

func openRing(m *ebpf.Map) (*ring, error) {
	page, size := os.Getpagesize(), int(m.MaxEntries())
	c, err := unix.Mmap(m.FD(), 0, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the ring's consumer page: %w", err)
	}
	// The kernel maps the data twice in a row, so that no record wraps.
	p, err := unix.Mmap(m.FD(), int64(page), page+2*size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		_ = unix.Munmap(c)
		return nil, fmt.Errorf("map the ring's %d bytes of data: %w", size, err)
	}
	return &ring{
		consumerPage: c, producerPages: p,
		consumer: (*uint64)(unsafe.Pointer(&c[0])), producer: (*uint64)(unsafe.Pointer(&p[0])),
		data: p[page:], mask: uint64(size - 1),
	}, nil
}

// Drain gives finished records to f, which must not keep them, and returns when there is none, or
// after so many: more says that there may be others. Space is given back at least every 256 KiB, so
// that producers need not wait for the end of a long pass.
func (r *ring) Drain(f func([]byte), most int) (records int, more bool) {
	const giveBack = 256 << 10
	at := atomic.LoadUint64(r.consumer)
	given := at
	for at < atomic.LoadUint64(r.producer) {
		head := atomic.LoadUint32((*uint32)(unsafe.Pointer(&r.data[at&r.mask])))
		if head&recordBusy != 0 { // records become visible in the order of their reservation
			break
		}
		if records == most {
			more = true
			break
		}
		size := uint64(head &^ (recordBusy | recordDiscarded))
		if head&recordDiscarded == 0 {
			start := at&r.mask + recordHeader
			f(r.data[start : start+size : start+size])
			records++
		}
		at += (size + recordHeader + 7) &^ 7
		if at-given >= giveBack {
			atomic.StoreUint64(r.consumer, at)
			given = at
		}
	}
	atomic.StoreUint64(r.consumer, at)
	return records, more
}

func (r *ring) Close() {
	_ = unix.Munmap(r.consumerPage)
	_ = unix.Munmap(r.producerPages)
}
