package store

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// quoter quotes a text for a Field of the native protocol.
var quoter = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// tcpColumn decodes a column of a native block: its bytes are gathered as far as the column
// reaches, which only its own structure tells, and decoded as those of an HTTP answer.
type tcpColumn struct {
	cells
	rows int
}

func (c *tcpColumn) Type() proto.ColumnType { return proto.ColumnType(c.typ()) }
func (c *tcpColumn) Rows() int              { return c.rows }
func (c *tcpColumn) Reset()                 { c.rows = 0 }

// Infer checks the type more strictly than ch-go, which takes some for others.
func (c *tcpColumn) Infer(t proto.ColumnType) error {
	if got := strings.TrimSuffix(t.String(), "('UTC')"); got != c.typ() {
		return fmt.Errorf("got %s, want %s", got, c.typ())
	}
	return nil
}

func (c *tcpColumn) DecodeColumn(r *proto.Reader, rows int) error {
	g := &gathering{r: r}
	if err := c.gather(g, rows); err != nil {
		return err
	}
	c.rows = rows
	return c.decode(&answer{data: g.data}, rows)
}

// gathering copies what is read.
type gathering struct {
	r    *proto.Reader
	data []byte
}

// bytes takes the next n bytes. They are asked for in parts: a size that the store names is
// believed only as far as bytes come.
func (g *gathering) bytes(n int) error {
	const part = 1 << 20
	if n < 0 || n > maxAnswer-len(g.data) {
		return fmt.Errorf("it is larger than %d bytes", maxAnswer)
	}
	for n > 0 {
		m := min(n, part)
		from := len(g.data)
		g.data = append(g.data, make([]byte, m)...)
		if err := g.r.ReadFull(g.data[from:]); err != nil {
			return err
		}
		n -= m
	}
	return nil
}

func (g *gathering) u64() (uint64, error) {
	if err := g.bytes(8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(g.data[len(g.data)-8:]), nil
}

func (g *gathering) text() error {
	n, err := g.r.StrLen()
	if err != nil {
		return err
	}
	g.data = binary.AppendUvarint(g.data, uint64(n))
	return g.bytes(n)
}

func (c *numbers[T]) gather(g *gathering, rows int) error { return g.bytes(rows * c.width()) }

func (c *texts) gather(g *gathering, rows int) error {
	for range rows {
		if err := g.text(); err != nil {
			return err
		}
	}
	return nil
}

func (c *words) gather(g *gathering, rows int) error {
	if _, err := g.u64(); err != nil { // the version of the dictionary
		return err
	}
	return c.gatherBody(g, rows)
}

func (c *words) gatherBody(g *gathering, rows int) error {
	flags, err := g.u64()
	if err != nil {
		return err
	}
	n, err := g.u64()
	if err != nil {
		return err
	}
	if n > maxAnswer {
		return errCutOff
	}
	if err := c.dict.gather(g, int(n)); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	if _, err := g.u64(); err != nil { // the number of keys
		return err
	}
	return g.bytes(rows << (flags & 3))
}

// gatherEnds is decodeEnds of a connection.
func gatherEnds(c *numbers[uint64], g *gathering, rows int) (int, error) {
	if err := c.gather(g, rows); err != nil || rows == 0 {
		return 0, err
	}
	last := binary.LittleEndian.Uint64(g.data[len(g.data)-8:])
	if last > maxAnswer {
		return 0, errCutOff
	}
	return int(last), nil
}

func (c *pairs) gather(g *gathering, rows int) error {
	if _, err := g.u64(); err != nil {
		return err
	}
	last, err := gatherEnds(&c.ends, g, rows)
	if err != nil || last == 0 {
		return err
	}
	if err := c.keys.gatherBody(g, last); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return c.values.gather(g, last)
}
