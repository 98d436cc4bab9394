//go:build linux && amd64

package libchdb

import (
	"errors"
	"runtime"
	"unsafe"
)

// Result lives in C memory until Free.
type Result struct{ r cResult }

// Bytes is the result in the format asked for, valid until Free.
func (r *Result) Bytes() []byte {
	n := chdbResultLength(r.r)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(chdbResultBuffer(r.r)), n)
}

func (r *Result) err() error {
	if s := cString(chdbResultError(r.r)); s != "" {
		return errors.New(s)
	}
	return nil
}

// Rows is the number of rows in the result.
func (r *Result) Rows() uint64 { return chdbResultRows(r.r) }

// Read is what the statement read from tables.
func (r *Result) Read() (rows, bytes uint64) {
	return chdbResultStorageRows(r.r), chdbResultStorageBytes(r.r)
}

// Written is what the statement wrote into tables.
func (r *Result) Written() (rows, bytes uint64) {
	return chdbResultRowsWritten(r.r), chdbResultBytesWritten(r.r)
}

// Free gives the memory back; a second call does nothing.
func (r *Result) Free() {
	if r.r != 0 {
		chdbResultFree(r.r)
		r.r = 0
	}
}

// Stream is a running SELECT or WITH; it occupies the connection until Close.
type Stream struct {
	c    *Conn
	r    cResult
	done bool
}

// Stream starts a statement whose result is fetched block by block. The library streams
// SELECT and WITH only.
func (c *Conn) Stream(sql, format string, params ...Param) (*Stream, error) {
	c.mu.Lock()
	if c.handle == nil {
		c.mu.Unlock()
		return nil, errClosed
	}
	q, qn := textPtr(sql)
	f, fn := textPtr(format)
	s := &Stream{c: c}
	if len(params) > 0 {
		p := pinParams(params)
		defer p.pin.Unpin()
		s.r = chdbStreamParams(*c.handle, q, qn, f, fn, p.names, p.nameLens, p.values, p.valueLens, uintptr(len(params)))
	} else {
		s.r = chdbStream(*c.handle, q, qn, f, fn)
	}
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	if s.r == 0 {
		c.mu.Unlock()
		return nil, errors.New("libchdb did not start the query")
	}
	if err := (&Result{s.r}).err(); err != nil {
		s.done = true
		s.Close()
		return nil, err
	}
	return s, nil
}

// Next is the next block, or nil at the end.
func (s *Stream) Next() (*Result, error) {
	if s.done {
		return nil, nil
	}
	r := &Result{chdbStreamFetch(*s.c.handle, s.r)}
	if r.r == 0 {
		s.done = true
		return nil, nil
	}
	if err := r.err(); err != nil {
		s.done = true
		r.Free()
		return nil, err
	}
	if r.Rows() == 0 { // the last one; it may still carry the header of an empty result
		s.done = true
		if len(r.Bytes()) == 0 {
			r.Free()
			return nil, nil
		}
	}
	return r, nil
}

// Close stops the query where it still runs.
func (s *Stream) Close() {
	if s.r == 0 {
		return
	}
	if !s.done { // a cancel after the end is reported to crash some versions
		chdbStreamCancel(*s.c.handle, s.r)
	}
	chdbResultFree(s.r)
	s.r = 0
	s.c.mu.Unlock()
}
