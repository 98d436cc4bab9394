package store

import (
	"fmt"
	"unsafe"

	"github.com/throughline-io/throughline/pkg/span"
)

// numbers is a column of fixed-size values.
type numbers[T number] struct{ rows []T }

type number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32 | ~int64 | ~[16]byte | ~[8]byte
}

func (*numbers[T]) typ() string {
	var zero T
	switch any(zero).(type) {
	case uint16:
		return "UInt16"
	case uint32:
		return "UInt32"
	case uint64:
		return "UInt64"
	case int32:
		return "Int32"
	case int64:
		return "Int64"
	case span.TraceID:
		return "FixedString(16)"
	case span.SpanID:
		return "FixedString(8)"
	case [16]byte:
		return "IPv6"
	}
	return "UInt8" // and the enumerations of package span
}

func (c *numbers[T]) width() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

func (c *numbers[T]) decode(a *answer, rows int) error {
	width := c.width()
	if rows > a.left()/width {
		return errCutOff
	}
	data, err := a.take(rows * width)
	if err != nil {
		return err
	}
	if cap(c.rows) < rows {
		c.rows = make([]T, rows)
	}
	c.rows = c.rows[:rows]
	// Copied, because data may lie anywhere; little-endian like the machine.
	copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.rows))), len(data)), data)
	return nil
}

func (c *numbers[T]) at(i int) T { return c.rows[i] }

// seconds is a DateTime column in UTC.
type seconds struct{ numbers[uint32] }

func (*seconds) typ() string { return "DateTime" }

// texts is a String column.
type texts struct{ rows []string }

func (*texts) typ() string { return "String" }

func (c *texts) decode(a *answer, rows int) (err error) {
	if rows > a.left() {
		return errCutOff
	}
	if cap(c.rows) < rows {
		c.rows = make([]string, rows)
	}
	c.rows = c.rows[:rows]
	for i := range c.rows {
		if c.rows[i], err = a.text(); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (c *texts) at(i int) string { return c.rows[i] }

// words is a LowCardinality(String) column.
type words struct {
	dict texts
	keys []byte
	wide int // bytes of a key
}

func (*words) typ() string { return "LowCardinality(String)" }

func (c *words) decode(a *answer, rows int) error {
	if err := c.prefix(a); err != nil {
		return err
	}
	return c.body(a, rows)
}

func (c *words) prefix(a *answer) error {
	v, err := a.u64()
	if err == nil && v != lowCardinalityVersion {
		err = fmt.Errorf("dictionary of version %d", v)
	}
	return err
}

func (c *words) body(a *answer, rows int) error {
	flags, err := a.u64()
	if err != nil {
		return err
	}
	if flags&hasAdditionalKeys == 0 || flags&0xff > 3 {
		return fmt.Errorf("dictionary with flags %#x", flags)
	}
	c.wide = 1 << (flags & 3)
	n, err := a.u64()
	if err != nil || n > uint64(a.left()) {
		return errCutOff
	}
	if err := c.dict.decode(a, int(n)); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	keys, err := a.u64()
	if err != nil || rows > a.left()/c.wide {
		return errCutOff
	}
	if keys != uint64(rows) {
		return fmt.Errorf("%d keys for %d rows", keys, rows)
	}
	if c.keys, err = a.take(rows * c.wide); err != nil {
		return err
	}
	for i := range rows {
		if k := c.key(i); k >= n {
			return fmt.Errorf("row %d: key %d of %d words", i, k, n)
		}
	}
	return nil
}

func (c *words) key(i int) (k uint64) {
	for j := c.wide - 1; j >= 0; j-- {
		k = k<<8 | uint64(c.keys[i*c.wide+j])
	}
	return k
}

func (c *words) at(i int) string { return c.dict.rows[c.key(i)] }

// decodeEnds reads where each row of a column of lists ends, and returns the last end.
func decodeEnds(c *numbers[uint64], a *answer, rows int) (int, error) {
	if err := c.decode(a, rows); err != nil {
		return 0, fmt.Errorf("row ends: %w", err)
	}
	last := uint64(0)
	for _, e := range c.rows {
		if e < last || e > uint64(a.left()) {
			return 0, fmt.Errorf("row ends at element %d after %d: %w", e, last, errCutOff)
		}
		last = e
	}
	return int(last), nil
}

// pairs is a Map(LowCardinality(String), String) column.
type pairs struct {
	ends   numbers[uint64]
	keys   words
	values texts
}

func (*pairs) typ() string { return mapType }

func (c *pairs) decode(a *answer, rows int) error {
	if err := c.keys.prefix(a); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	last, err := decodeEnds(&c.ends, a, rows)
	if err != nil {
		return err
	}
	c.values.rows = c.values.rows[:0]
	if last == 0 {
		return nil
	}
	if err := c.keys.body(a, last); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := c.values.decode(a, last); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	return nil
}

// row is the range of a row's pairs.
func (c *pairs) row(i int) (from, to int) {
	if i > 0 {
		from = int(c.ends.rows[i-1])
	}
	return from, int(c.ends.rows[i])
}
