package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// answer is a read's answer in the Native format at revision 0, whole in memory: its
// strings are used where they lie. A size it names is believed only as far as there are
// bytes for it.
type answer struct {
	data []byte
	at   int
}

var errCutOff = errors.New("the answer is cut off")

func (a *answer) left() int { return len(a.data) - a.at }

func (a *answer) take(n int) ([]byte, error) {
	if n < 0 || n > a.left() {
		return nil, errCutOff
	}
	b := a.data[a.at : a.at+n]
	a.at += n
	return b, nil
}

// count reads a number of things of which each takes a byte at least.
func (a *answer) count() (int, error) {
	v, n := binary.Uvarint(a.data[a.at:])
	if n <= 0 {
		return 0, errCutOff
	}
	a.at += n
	if v > uint64(a.left()) {
		return 0, errCutOff
	}
	return int(v), nil
}

func (a *answer) u64() (uint64, error) {
	b, err := a.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// text is a string that shares the answer's memory, which never changes.
func (a *answer) text() (string, error) {
	n, err := a.count()
	if err != nil {
		return "", err
	}
	b, err := a.take(n)
	return unsafe.String(unsafe.SliceData(b), len(b)), err
}

// resultColumn is a column that an answer is decoded into.
type resultColumn struct {
	name string
	data cells
}

// cells are the rows of one block's column; they are replaced by the next block's.
type cells interface {
	typ() string
	decode(a *answer, rows int) error
	gather(g *gathering, rows int) error // of a connection, what decode wants
}

// blocks decodes the answer block by block and calls each after every one.
func (a *answer) blocks(columns []resultColumn, each func(rows int) error) error {
	for a.left() > 0 {
		n, err := a.count()
		if err != nil {
			return fmt.Errorf("number of columns: %w", err)
		}
		rows, err := a.count()
		if err != nil {
			return fmt.Errorf("number of rows: %w", err)
		}
		if n != len(columns) {
			return fmt.Errorf("%d columns, want %d", n, len(columns))
		}
		for _, c := range columns {
			if err := a.column(c, rows); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
		}
		if rows == 0 {
			continue
		}
		if err := each(rows); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) column(c resultColumn, rows int) error {
	name, err := a.text()
	if err != nil {
		return err
	}
	typ, err := a.text()
	if err != nil {
		return err
	}
	// At revision 0 servers leave the time zone out, or not.
	if name != c.name || strings.TrimSuffix(typ, "('UTC')") != c.data.typ() {
		return fmt.Errorf("got %s %s, want %s", name, typ, c.data.typ())
	}
	if rows == 0 {
		return nil
	}
	return c.data.decode(a, rows)
}
