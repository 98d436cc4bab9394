package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// Values of a span that are read together are packed into one text: a read costs more for each column
// that it opens than for what is in it (docs/adr/0011-columns-packed.md). One value follows the other: of
// a number the count of its bytes, and these, the lowest first; of a text its length as such a number,
// and its bytes. Zeros at the end are left out, so that a new value goes there.

// packing writes the values of one span.
type packing struct {
	buf []byte
	end int // after the last value that is not zero
}

func (p *packing) begin() { p.buf, p.end = p.buf[:0], 0 }

func (p *packing) number(v uint64) {
	if v == 0 {
		p.buf = append(p.buf, 0)
		return
	}
	n := (bits.Len64(v) + 7) / 8
	p.buf = append(p.buf, byte(n))
	for range n {
		p.buf = append(p.buf, byte(v))
		v >>= 8
	}
	p.end = len(p.buf)
}

func packText[T string | []byte](p *packing, v T) {
	p.number(uint64(len(v)))
	if len(v) > 0 {
		p.buf = append(p.buf, v...)
		p.end = len(p.buf)
	}
}

// address writes an address as a text of its 16 bytes, and none as an empty one.
func (p *packing) address(ip *[16]byte) {
	if *ip == [16]byte{} {
		p.number(0)
	} else {
		packText(p, ip[:])
	}
}

// packed adds the row to a column of texts.
func (b *block) packed() {
	b.buf = binary.AppendUvarint(b.buf, uint64(b.packing.end))
	b.buf = append(b.buf, b.packing.buf[:b.packing.end]...)
}

// unpacking reads the values of one span.
type unpacking struct {
	left string
	err  error
}

var errPacked = errors.New("what is packed of a span is damaged")

func (u *unpacking) take(n uint64) (taken string) {
	if n > uint64(len(u.left)) {
		u.err, u.left = errPacked, ""
		return ""
	}
	taken, u.left = u.left[:n], u.left[n:]
	return taken
}

func (u *unpacking) number() (v uint64) {
	if u.left == "" {
		return 0
	}
	n := uint64(u.take(1)[0])
	if n > 8 {
		u.err, u.left = errPacked, ""
	}
	bytes := u.take(n)
	for i := len(bytes) - 1; i >= 0; i-- {
		v = v<<8 | uint64(bytes[i])
	}
	return v
}

func (u *unpacking) text() string { return u.take(u.number()) }

func (u *unpacking) address() (ip [16]byte) {
	copy(ip[:], u.text())
	return ip
}

// packedRows are the rows of a column of values T.
type packedRows[T any, P interface {
	*T
	unpack(packed string) error
}] struct {
	texts
	rows []T
}

func (c *packedRows[T, P]) decode(a *answer, rows int) error {
	if err := c.texts.decode(a, rows); err != nil {
		return err
	}
	if cap(c.rows) < rows {
		c.rows = make([]T, rows)
	}
	c.rows = c.rows[:rows]
	for i, packed := range c.texts.rows {
		if err := P(&c.rows[i]).unpack(packed); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (c *packedRows[T, P]) at(i int) *T { return &c.rows[i] }

// packedColumn is a column of before, as a value of a packed one.
type packedColumn struct {
	name string
	as   packedAs
}

type packedAs uint8

const (
	asNumber packedAs = iota
	asText
	asAddress
)

// packExpression packs columns.
func packExpression(columns []packedColumn) string {
	number := func(v string) string {
		bytes := "reinterpretAsString(" + v + ")"
		return "char(length(" + bytes + ")), " + bytes
	}
	var all []string
	for _, c := range columns {
		text := "toString(" + c.name + ")"
		switch c.as {
		case asNumber:
			all = append(all, number(c.name))
		case asAddress:
			text = "if(" + c.name + " = toIPv6('::'), '', reinterpretAsString(" + c.name + "))"
			fallthrough
		default:
			all = append(all, number("length("+text+")"), text)
		}
	}
	return "concat(" + strings.Join(all, ", ") + ")"
}
