package spool

import (
	"fmt"
	"io"
	"os"
)

// Reader gives the records of a segment in the order of their groups. What is damaged it
// leaves out, and goes on behind it.
type Reader struct {
	file *os.File
	seg  *Segment
	seed uint32

	at     int64  // where the next frame should be
	sound  int64  // the end of the last sound record
	window []byte // the file from start on
	start  int64

	record []byte
	rows   int
	damage damage
	err    error
}

// windowBytes is what is read at a time, unless one record is larger.
const windowBytes = 256 << 10

// Open reads a segment from its beginning, as often as wanted.
func (s *Segment) Open() (*Reader, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	r := &Reader{file: f, seg: s, seed: s.ID.seed(), at: headerSize, sound: min(headerSize, s.Bytes)}
	b := r.need(0, headerSize)
	if b == nil && r.err != nil {
		f.Close()
		return nil, r.err
	}
	v, created, sound := parseHeader(b, s.ID)
	switch {
	case !sound: // the name has the ID, so frames can be checked all the same
		r.hurt(0, min(headerSize, s.Bytes))
	case v != version:
		f.Close()
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
	size := int(min(int64(max(n, windowBytes)), r.seg.Bytes-offset))
	if cap(r.window) < size {
		r.window = make([]byte, size)
	}
	r.window, r.start = r.window[:size], offset
	if got, err := r.file.ReadAt(r.window, offset); got < size {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		r.err, r.window = fmt.Errorf("read %s: %w", r.seg.path, err), nil
		return nil
	}
	return r.window[:n]
}
