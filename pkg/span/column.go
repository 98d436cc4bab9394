package span

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// Column is the data of one column of a Batch: a Fixed, a Symbols, a Text or an Attributes.
type Column interface {
	Len() int          // rows
	Truncate(rows int) // keep the first rows
	appendFrom(src Column, remap []Ref)
}

// fixed lists the types a Fixed column may hold: those whose memory is their wire form on
// a little-endian machine.
type fixed interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32 | ~int64 | TraceID | SpanID | [16]byte
}

// Fixed is a column of fixed-size values.
type Fixed[T fixed] []T

// Add appends one row.
func (c *Fixed[T]) Add(v T) { *c = append(*c, v) }

// Len is the number of rows.
func (c *Fixed[T]) Len() int { return len(*c) }

// Truncate keeps the first rows.
func (c *Fixed[T]) Truncate(rows int) { *c = (*c)[:rows] }

// Bytes is the column's memory: little-endian values one after the other, the form of
// ClickHouse's Native format and of the wire. It is valid until the next append.
func (c *Fixed[T]) Bytes() []byte {
	if len(*c) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(*c))), len(*c)*int(unsafe.Sizeof((*c)[0])))
}

// SetBytes replaces the column by a copy of data.
func (c *Fixed[T]) SetBytes(data []byte) error {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if len(data)%size != 0 {
		return fmt.Errorf("%d bytes are not a whole number of %d-byte values", len(data), size)
	}
	n := len(data) / size
	if cap(*c) < n {
		*c = make([]T, n)
	}
	*c = (*c)[:n]
	copy(c.Bytes(), data)
	return nil
}

// SetZero replaces the column by rows zeros.
func (c *Fixed[T]) SetZero(rows int) {
	if cap(*c) < rows {
		*c = make([]T, rows)
		return
	}
	*c = (*c)[:rows]
	clear(*c)
}

func (c *Fixed[T]) appendFrom(src Column, _ []Ref) { *c = append(*c, *src.(*Fixed[T])...) }

// Ref is a row's string: its place in the batch's string table.
type Ref uint32

// Symbols is a column of strings of low cardinality: references into the batch's table.
type Symbols []Ref

// Add appends one row.
func (c *Symbols) Add(r Ref) { *c = append(*c, r) }

// Len is the number of rows.
func (c *Symbols) Len() int { return len(*c) }

// Truncate keeps the first rows.
func (c *Symbols) Truncate(rows int) { *c = (*c)[:rows] }

func (c *Symbols) appendFrom(src Column, remap []Ref) {
	for _, r := range *src.(*Symbols) {
		*c = append(*c, remap[r])
	}
}

// Text is a column of strings of high cardinality, in the form of ClickHouse's Native
// format: uvarint length and bytes, row after row.
type Text struct {
	Data []byte
	rows int
}

// Add appends one row.
func (c *Text) Add(v []byte) {
	c.Data = binary.AppendUvarint(c.Data, uint64(len(v)))
	c.Data = append(c.Data, v...)
	c.rows++
}

// AddString appends one row.
func (c *Text) AddString(v string) {
	c.Data = binary.AppendUvarint(c.Data, uint64(len(v)))
	c.Data = append(c.Data, v...)
	c.rows++
}

// Len is the number of rows.
func (c *Text) Len() int { return c.rows }

// Truncate keeps the first rows. It walks the column and is for error paths.
func (c *Text) Truncate(rows int) {
	if rows == 0 {
		c.Data, c.rows = c.Data[:0], 0
		return
	}
	at := 0
	for range rows {
		n, w := binary.Uvarint(c.Data[at:])
		at += w + int(n)
	}
	c.Data, c.rows = c.Data[:at], rows
}

// SetBytes replaces the column by a copy of data, which must hold exactly rows rows.
func (c *Text) SetBytes(data []byte, rows int) error {
	at := 0
	for i := range rows {
		n, w := length(data, at)
		if w <= 0 || n > uint64(len(data)-at-w) {
			return fmt.Errorf("text row %d of %d is cut off at byte %d of %d", i, rows, at, len(data))
		}
		at += w + int(n)
	}
	if at != len(data) {
		return fmt.Errorf("%d bytes after the last of %d text rows", len(data)-at, rows)
	}
	c.Data, c.rows = append(c.Data[:0], data...), rows
	return nil
}

// length is binary.Uvarint of data from at: of most texts it is one byte, for which a call takes longer
// than all else.
func length(data []byte, at int) (n uint64, width int) {
	if at < len(data) && data[at] < 0x80 {
		return uint64(data[at]), 1
	}
	return binary.Uvarint(data[at:])
}

// TextMark is a place between two rows of a Text.
type TextMark struct{ bytes, rows int }

// Bytes is how many bytes of the column lie before the mark.
func (m TextMark) Bytes() int { return m.bytes }

// Mark is the place behind the last row.
func (c *Text) Mark() TextMark { return TextMark{len(c.Data), c.rows} }

// Rewind drops the rows behind a mark of this column, without walking it.
func (c *Text) Rewind(m TextMark) { c.Data, c.rows = c.Data[:m.bytes], m.rows }

// Next is the row at byte offset at and the offset of the row behind it. The bytes are
// valid until the column changes.
func (c *Text) Next(at int) (row []byte, next int) {
	n, w := binary.Uvarint(c.Data[at:])
	at += w
	return c.Data[at : at+int(n)], at + int(n)
}

func (c *Text) appendFrom(src Column, _ []Ref) {
	s := src.(*Text)
	c.Data = append(c.Data, s.Data...)
	c.rows += s.rows
}

// Attributes is a column of key-value lists: row i has the pairs from Ends[i-1] to Ends[i].
type Attributes struct {
	Ends   Fixed[uint64]
	Keys   Symbols
	Values Text
	Types  Fixed[AttributeType] // of each pair
}

// AddPair appends a pair to the row that EndRow will close.
func (c *Attributes) AddPair(key Ref, value []byte, typ AttributeType) {
	c.Keys.Add(key)
	c.Values.Add(value)
	c.Types.Add(typ)
}

// EndRow closes a row.
func (c *Attributes) EndRow() { c.Ends.Add(uint64(len(c.Keys))) }

// Len is the number of rows.
func (c *Attributes) Len() int { return len(c.Ends) }

// Truncate keeps the first rows, and drops pairs of a row not yet closed.
func (c *Attributes) Truncate(rows int) {
	c.Ends.Truncate(rows)
	pairs := 0
	if rows > 0 {
		pairs = int(c.Ends[rows-1])
	}
	c.Keys.Truncate(pairs)
	c.Values.Truncate(pairs)
	c.Types.Truncate(pairs)
}

func (c *Attributes) appendFrom(src Column, remap []Ref) {
	s := src.(*Attributes)
	base := uint64(len(c.Keys))
	for _, e := range s.Ends {
		c.Ends.Add(base + e)
	}
	c.Keys.appendFrom(&s.Keys, remap)
	c.Values.appendFrom(&s.Values, nil)
	c.Types.appendFrom(&s.Types, nil)
}
