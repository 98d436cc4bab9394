package l7

import "github.com/throughline-io/throughline/agent/tracecontext"

// Query attributes are named values that newer MySQL clients send in front of a statement
// (CLIENT_QUERY_ATTRIBUTES), and behind a prepared statement's id.

// mysqlParametersCounted is the flag of COM_STMT_EXECUTE that says that attributes may follow.
const mysqlParametersCounted = 0x08

// maxAttributes is far beyond what any client sends.
const maxAttributes = 1024

// queryText is a COM_QUERY's statement behind its attributes, whose trace context is taken.
// Where the login was not seen, the form tells: no statement begins with a number of sets.
func (d *mysqlDialogue) queryText(p []byte, context *tracecontext.Reader) []byte {
	if d.knowCaps && d.capabilities&mysqlQueryAttributes == 0 {
		return p
	}
	return behindAttributes(p, context)
}

// behindAttributes is what follows the attributes of a COM_QUERY; p if there are none, nil if
// they are cut off.
func behindAttributes(p []byte, context *tracecontext.Reader) []byte {
	count, w := lengthEncoded(p)
	if w == 0 || count > maxAttributes || len(p) < w+1 || p[w] != 1 { // there is always one set
		return p
	}
	r := mysqlReader{p: p[w+1:], ok: true}
	r.attributes(int(count), 0, context)
	if !r.ok {
		return nil
	}
	return r.p
}

// executeAttributes takes the trace context among a COM_STMT_EXECUTE's parameters.
func (d *mysqlDialogue) executeAttributes(p []byte, context *tracecontext.Reader) {
	const fixed = 1 + 4 + 1 + 4 // command, statement, flags, iterations
	if d.knowCaps && d.capabilities&mysqlQueryAttributes == 0 || len(p) <= fixed || p[5]&mysqlParametersCounted == 0 {
		return
	}
	count, w := lengthEncoded(p[fixed:])
	if w == 0 || count > maxAttributes {
		return
	}
	r := mysqlReader{p: p[fixed+w:], ok: true}
	r.attributes(int(count), 0, context)
}

// mysqlReader reads a payload's fields in order; ok is false once one was not all there.
type mysqlReader struct {
	p  []byte
	ok bool
}

func (r *mysqlReader) take(n uint64) []byte {
	if !r.ok || n > uint64(len(r.p)) {
		r.ok = false
		return nil
	}
	v := r.p[:n]
	r.p = r.p[n:]
	return v
}

func (r *mysqlReader) text() []byte {
	n, w := lengthEncoded(r.p)
	if w == 0 {
		r.ok = false
		return nil
	}
	r.take(uint64(w))
	return r.take(n)
}

// attributes reads count parameters: a bitmap of those that are NULL, types and names, values.
func (r *mysqlReader) attributes(count, offset int, context *tracecontext.Reader) {
	if count == 0 {
		return
	}
	nulls := r.take(uint64(count+offset+7) / 8)
	if bound := r.take(1); !r.ok || bound[0] != 1 { // the types and names of the last time
		return
	}
	types := *r
	for range count {
		r.take(2)
		r.text()
	}
	for i := range count {
		kind := types.take(2)
		name := types.text()
		if !r.ok || !types.ok {
			return
		}
		if nulls[(i+offset)/8]>>((i+offset)%8)&1 == 1 {
			continue
		}
		if value := r.value(kind[0]); r.ok {
			context.Field(name, value)
		}
	}
}

// value reads a value of the binary protocol, by its type.
func (r *mysqlReader) value(kind byte) []byte {
	switch kind {
	case 0x06: // NULL
		return nil
	case 0x01: // TINY
		return r.take(1)
	case 0x02, 0x0d: // SHORT, YEAR
		return r.take(2)
	case 0x03, 0x09, 0x04: // LONG, INT24, FLOAT
		return r.take(4)
	case 0x08, 0x05: // LONGLONG, DOUBLE
		return r.take(8)
	case 0x07, 0x0a, 0x0c, 0x0b: // TIMESTAMP, DATE, DATETIME, TIME: a length of one byte
		if n := r.take(1); r.ok {
			return r.take(uint64(n[0]))
		}
		return nil
	}
	return r.text()
}
