//go:build linux && amd64

package libchdb

import (
	"errors"
	"runtime"
	"sync"
	"unsafe"
)

// Conn runs one statement at a time; several connections run in parallel.
type Conn struct {
	mu     sync.Mutex
	handle *cConn
}

var connectMu sync.Mutex

var errClosed = errors.New("the connection to libchdb is closed")

// Connect takes arguments such as --path=DIR and --config-file=FILE. Always give a
// configuration file: without one the library reads ./config.xml of the working directory.
// Load must have succeeded.
func Connect(args ...string) (*Conn, error) {
	connectMu.Lock()
	defer connectMu.Unlock()
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := make([]*byte, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		b := append([]byte(a), 0)
		pin.Pin(&b[0])
		argv = append(argv, &b[0])
	}
	argv = append(argv, nil)
	pin.Pin(&argv[0])
	before := saveHandlers()
	h := chdbConnect(int32(len(argv)-1), unsafe.Pointer(&argv[0]))
	restoreHandlers(before)
	if h == nil {
		return nil, errors.New("libchdb did not open the data directory; it wrote the reason to standard error")
	}
	return &Conn{handle: h}, nil
}

// Close waits for the running statement and closes the connection.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle != nil {
		chdbClose(c.handle)
		c.handle = nil
	}
}

// Query runs a statement and holds its whole result in C memory until Free.
func (c *Conn) Query(sql, format string, params ...Param) (*Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle == nil {
		return nil, errClosed
	}
	q, qn := textPtr(sql)
	f, fn := textPtr(format)
	var res Result
	if len(params) > 0 {
		p := pinParams(params)
		defer p.pin.Unpin()
		res.r = chdbQueryParams(*c.handle, q, qn, f, fn, p.names, p.nameLens, p.values, p.valueLens, uintptr(len(params)))
	} else {
		res.r = chdbQuery(*c.handle, q, qn, f, fn)
	}
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	if err := res.err(); err != nil {
		res.Free()
		return nil, err
	}
	return &res, nil
}

// Text runs a statement and returns its result as a string.
func (c *Conn) Text(sql, format string) (string, error) {
	r, err := c.Query(sql, format)
	if err != nil {
		return "", err
	}
	defer r.Free()
	return string(r.Bytes()), nil
}

// Exec runs a statement for its effect.
func (c *Conn) Exec(sql string) error {
	r, err := c.Query(sql, "Null")
	if err == nil {
		r.Free()
	}
	return err
}

type cParams struct {
	pin                                runtime.Pinner
	names, nameLens, values, valueLens unsafe.Pointer
}

func pinParams(ps []Param) *cParams {
	p := &cParams{}
	pointers := func(get func(Param) string) (unsafe.Pointer, unsafe.Pointer) {
		texts, lens := make([]unsafe.Pointer, len(ps)), make([]uintptr, len(ps))
		for i := range ps {
			b := append([]byte(get(ps[i])), 0)
			p.pin.Pin(&b[0])
			texts[i], lens[i] = unsafe.Pointer(&b[0]), uintptr(len(b)-1)
		}
		p.pin.Pin(&texts[0])
		p.pin.Pin(&lens[0])
		return unsafe.Pointer(&texts[0]), unsafe.Pointer(&lens[0])
	}
	p.names, p.nameLens = pointers(func(p Param) string { return p.Name })
	p.values, p.valueLens = pointers(func(p Param) string { return p.Value })
	return p
}

func textPtr(s string) (unsafe.Pointer, uintptr) {
	return unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s))
}

func cString(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}
