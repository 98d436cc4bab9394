package trace

import (
	"net/netip"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// reasons collects the texts of all links in one buffer: a trace of a million spans has a
// million of them, and an allocation for each would cost more than the links.
type reasons struct {
	buf   []byte
	taken int
}

// excerpt is a text's place in the buffer.
type excerpt struct{ from, to int }

// take ends the current text.
func (r *reasons) take() excerpt {
	e := excerpt{r.taken, len(r.buf)}
	r.taken = len(r.buf)
	return e
}

func (r *reasons) str(s string) *reasons {
	r.buf = append(r.buf, s...)
	return r
}

func (r *reasons) num(n uint64) *reasons {
	r.buf = strconv.AppendUint(r.buf, n, 10)
	return r
}

func (r *reasons) hex(n uint64) *reasons {
	r.buf = append(r.buf, "0x"...)
	r.buf = strconv.AppendUint(r.buf, n, 16)
	return r
}

func (r *reasons) addr(a netip.AddrPort) *reasons {
	if !a.IsValid() {
		return r.str("unknown")
	}
	r.buf = a.AppendTo(r.buf)
	return r
}

const hexDigits = "0123456789abcdef"

func (r *reasons) bytes(b []byte) *reasons {
	for _, x := range b {
		r.buf = append(r.buf, hexDigits[x>>4], hexDigits[x&15])
	}
	return r
}

func (r *reasons) spanID(id span.SpanID) *reasons   { return r.bytes(id[:]) }
func (r *reasons) traceID(id span.TraceID) *reasons { return r.bytes(id[:]) }
func (r *reasons) texts() func(e excerpt) string {
	all := string(r.buf)
	return func(e excerpt) string { return all[e.from:e.to] }
}
