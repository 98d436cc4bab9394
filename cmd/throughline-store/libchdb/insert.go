//go:build linux && amd64

package libchdb

import (
	"errors"
	"runtime"
	"unsafe"
)

// Insert takes the data of an INSERT in pieces; it occupies the connection until Done or
// Cancel. Nothing is stored unless Done succeeds.
type Insert struct {
	c *Conn
	s cInsert
}

// Insert starts a statement such as "INSERT INTO t", without FORMAT clause.
func (c *Conn) Insert(sql, format string) (*Insert, error) {
	c.mu.Lock()
	if c.handle == nil {
		c.mu.Unlock()
		return nil, errClosed
	}
	q, qn := textPtr(sql)
	f, fn := textPtr(format)
	s := chdbInsert(*c.handle, q, qn, f, fn)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	if s == 0 {
		c.mu.Unlock()
		return nil, errors.New("libchdb did not start the insert")
	}
	if e := cString(chdbInsertError(s)); e != "" {
		chdbInsertFree(s)
		c.mu.Unlock()
		return nil, errors.New(e)
	}
	return &Insert{c, s}, nil
}

// Write hands a piece of the data over.
func (i *Insert) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if chdbInsertAppend(i.s, unsafe.Pointer(&b[0]), uintptr(len(b))) != 0 {
		return 0, errors.New(cString(chdbInsertError(i.s)))
	}
	return len(b), nil
}

// Done ends the data; without an error the rows are stored.
func (i *Insert) Done() (*Result, error) {
	r := &Result{chdbInsertDone(i.s)}
	chdbInsertFree(i.s)
	i.c.mu.Unlock()
	if err := r.err(); err != nil {
		r.Free()
		return nil, err
	}
	return r, nil
}

// Cancel takes everything back.
func (i *Insert) Cancel() {
	chdbInsertCancel(i.s)
	chdbInsertFree(i.s)
	i.c.mu.Unlock()
}
