package spool

import (
	"fmt"
	"io"
	"os"
)

// Reader gives the records of a segment in the order of their groups. What is damaged it
// leaves out, and goes on behind it.
type Reader struct {
	file largeFile
	seg  *Segment
	seed uint32

	at     int64  // where the next frame should be
	sound  int64  // the end of the last sound record
	window []byte // the file from start on, which is where a block begins
	start  int64
	filled int64 // zeros between groups so far
	bare   bool  // the header was never written

	record []byte
	rows   int
	damage damage
	err    error
}

// windowBytes is what is read at a time, unless one record is larger.
const windowBytes = 1 << 20

// Open reads a segment from its beginning, as often as wanted.
func (s *Segment) Open() (*Reader, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	r := &Reader{file: largeFile{File: f, flag: os.O_RDONLY}, seg: s, seed: s.ID.seed(), at: headerSize, sound: min(headerSize, s.Bytes)}
	b := r.need(0, headerSize)
	if b == nil && r.err != nil {
		r.Close()
		return nil, r.err
	}
	v, created, sound := parseHeader(b, s.ID)
	switch {
	case !sound: // the name has the ID, so frames can be checked all the same
		r.hurt(0, min(headerSize, s.Bytes))
		r.bare = b != nil && empty(b)
	case v != version:
		r.Close()
		return nil, fmt.Errorf("%s: %w: format %d, this program reads %d", s.path, ErrVersion, v, version)
	default:
		s.Created = created
	}
	return r, nil
}

// Close ends reading. The segment then knows of the damage that was met.
func (r *Reader) Close() error { return r.file.Close() }

// Next goes to the next sound record; false: there is none, or Err says why.
func (r *Reader) Next() bool {
	for r.err == nil && r.at < r.seg.Bytes {
		f, whole := r.frameAt(r.at)
		if !whole && r.skip() {
			continue
		}
		if !whole {
			next := r.find(r.at + 1)
			r.hurt(r.at, next)
			r.at = next
			continue
		}
		begin := r.at
		r.at += frameSize + int64(f.length)
		b := r.need(begin, frameSize+f.length)
		if b == nil {
			return false
		}
		if b = b[frameSize:]; checksum(b) == f.sum {
			r.record, r.rows, r.sound = b, f.rows, r.at
			return true
		}
		r.hurt(begin, r.at)
	}
	return false
}

// Record is the record that Next went to. The next call of Next overwrites it.
func (r *Reader) Record() []byte { return r.record }

// Rows is what was said of it at Append.
func (r *Reader) Rows() int { return r.rows }

// Err is why the file could not be read: a disk that fails, not damaged bytes.
func (r *Reader) Err() error { return r.err }

// Damage is how many places were not as they were written so far, and how many bytes.
func (r *Reader) Damage() (places int, bytes int64) { return r.damage.places, r.damage.bytes }

func (r *Reader) hurt(from, to int64) {
	r.damage.places++
	r.damage.bytes += to - from
	r.seg.damage = r.damage
}

// skip passes over zeros that fill a block, after which the next group begins.
func (r *Reader) skip() bool {
	n := int(upward(r.at) - r.at)
	if b := r.need(r.at, n); n == 0 || b == nil || !empty(b) {
		return false
	}
	if r.sound == r.at {
		r.sound += int64(n)
	}
	r.at += int64(n)
	r.filled += int64(n)
	return true
}

// frameAt is the frame at an offset; whole: its check is right and the file has its record.
func (r *Reader) frameAt(offset int64) (f frame, whole bool) {
	b := r.need(offset, frameSize)
	if b == nil {
		return f, false
	}
	f, sound := parseFrame(b, r.seed, offset)
	return f, sound && offset+frameSize+int64(f.length) <= r.seg.Bytes
}

// find is the offset of the first sound record from an offset on, or the file's end. A frame's
// check and its record's sum are both right by chance once in 2^64 places.
func (r *Reader) find(offset int64) int64 {
	for ; r.err == nil && offset+frameSize <= r.seg.Bytes; offset++ {
		f, whole := r.frameAt(offset)
		if !whole {
			continue
		}
		if b := r.need(offset, frameSize+f.length); b != nil && checksum(b[frameSize:]) == f.sum {
			return offset
		}
	}
	return r.seg.Bytes
}

// need is n bytes of the file; nil: it has not as many, or err says why.
func (r *Reader) need(offset int64, n int) []byte {
	if r.err != nil || offset+int64(n) > r.seg.Bytes {
		return nil
	}
	if from := offset - r.start; from >= 0 && from+int64(n) <= int64(len(r.window)) {
		return r.window[from : from+int64(n)]
	}
	// What is left of the window moves to its beginning, and the rest of it is read.
	from := offset / block * block
	size := int(upward(min(max(offset+int64(n), from+windowBytes), r.seg.Bytes) - from))
	old := r.window
	if r.window = r.window[:0]; cap(r.window) < size {
		r.window = make([]byte, 0, size)
	}
	if at := from - r.start; at >= 0 && at < int64(len(old)) && len(old)%block == 0 {
		r.window = append(r.window, old[at:]...)
	}
	r.start = from
	have := len(r.window)
	got, err := r.file.ReadAt(r.window[have:size], from+int64(have))
	r.window = r.window[:have+got]
	if at := int(offset - from); len(r.window) >= at+n {
		return r.window[at : at+n]
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	r.err, r.window = fmt.Errorf("read %s: %w", r.seg.path, err), nil
	return nil
}
