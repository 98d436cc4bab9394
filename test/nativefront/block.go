package nativefront

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// blocks sends the blocks of an answer in format Native at revision 0, as this connection
// wants them: their columns' bytes are the same.
func (s *session) blocks(body io.Reader) (n int, err error) {
	in := &column{in: bufio.NewReader(body)}
	for ; ; n++ {
		columns, err := binary.ReadUvarint(in.in)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		rows, err := binary.ReadUvarint(in.in)
		if err != nil {
			return n, err
		}
		s.beginBlock(int(columns), int(rows))
		for range columns {
			if err := s.column(in, int(rows)); err != nil {
				return n, err
			}
		}
		if err := s.flush(); err != nil {
			return n, err
		}
	}
}

func (s *session) beginBlock(columns, rows int) {
	proto.ServerCodeData.Encode(&s.out)
	if proto.FeatureTempTables.In(s.ver) {
		s.out.PutString("")
	}
	b := proto.Block{Info: proto.BlockInfo{BucketNum: -1}, Columns: columns, Rows: rows}
	b.EncodeAware(&s.out, s.ver)
}

func (s *session) beginColumn(name, typ string) {
	s.out.PutString(name)
	s.out.PutString(typ)
	if proto.FeatureCustomSerialization.In(s.ver) {
		s.out.PutBool(false)
	}
}

func (s *session) column(in *column, rows int) error {
	name, err := in.text()
	if err != nil {
		return err
	}
	typ, err := in.text()
	if err != nil {
		return err
	}
	s.beginColumn(name, typ)
	in.data = in.data[:0]
	if rows > 0 {
		if err = in.prefix(typ); err == nil {
			err = in.body(typ, rows)
		}
	}
	s.out.Buf = append(s.out.Buf, in.data...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, typ, err)
	}
	return nil
}

// column copies the bytes of a column, of which only its type tells where it ends.
type column struct {
	in   *bufio.Reader
	data []byte
}

func (c *column) take(n int) error {
	from := len(c.data)
	c.data = append(c.data, make([]byte, n)...)
	_, err := io.ReadFull(c.in, c.data[from:])
	return err
}

func (c *column) number() (uint64, error) {
	if err := c.take(8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(c.data[len(c.data)-8:]), nil
}

func (c *column) text() (string, error) {
	n, err := binary.ReadUvarint(c.in)
	if err != nil {
		return "", err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(c.in, text)
	return string(text), err
}

// split is a type's name and its arguments.
func split(typ string) (name string, args []string) {
	open := strings.IndexByte(typ, '(')
	if open < 0 {
		return typ, nil
	}
	depth, from := 0, open+1
	for i := open; i < len(typ); i++ {
		switch typ[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if typ[i] == ',' && depth == 1 || depth == 0 {
			args = append(args, strings.TrimSpace(typ[from:i]))
			from = i + 1
		}
	}
	return typ[:open], args
}

func (c *column) prefix(typ string) error {
	switch name, args := split(typ); name {
	case "LowCardinality":
		return c.take(8)
	case "Array", "Nullable", "Map", "Tuple":
		for _, inner := range args {
			if err := c.prefix(element(inner)); err != nil {
				return err
			}
		}
	}
	return nil
}

// element is the type of a tuple's element, which may have a name.
func element(text string) string {
	if name, typ, ok := strings.Cut(text, " "); ok && !strings.ContainsAny(name, "(,'") {
		return typ
	}
	return text
}

var widths = map[string]int{
	"UInt8": 1, "UInt16": 2, "UInt32": 4, "UInt64": 8, "UInt128": 16, "Int8": 1, "Int16": 2, "Int32": 4, "Int64": 8, "Float32": 4, "Float64": 8,
	"Bool": 1, "Enum8": 1, "Enum16": 2, "Date": 2, "DateTime": 4, "DateTime64": 8, "IPv4": 4, "IPv6": 16, "UUID": 16,
}

func (c *column) body(typ string, rows int) error {
	name, args := split(typ)
	switch name {
	case "String":
		for range rows {
			text, err := c.text()
			if err != nil {
				return err
			}
			c.data = append(binary.AppendUvarint(c.data, uint64(len(text))), text...)
		}
		return nil
	case "FixedString":
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return c.take(n * rows)
	case "Nullable":
		if err := c.take(rows); err != nil {
			return err
		}
		return c.body(args[0], rows)
	case "Array", "Map":
		return c.list(args, rows)
	case "Tuple":
		for _, inner := range args {
			if err := c.body(element(inner), rows); err != nil {
				return err
			}
		}
		return nil
	case "LowCardinality":
		return c.lowCardinality(args[0], rows)
	}
	width, known := widths[name]
	if !known {
		return fmt.Errorf("type %s is not known", name)
	}
	return c.take(width * rows)
}

func (c *column) list(args []string, rows int) error {
	if err := c.take(8 * rows); err != nil {
		return err
	}
	last := uint64(0)
	if rows > 0 {
		last = binary.LittleEndian.Uint64(c.data[len(c.data)-8:])
	}
	for _, inner := range args {
		if err := c.body(inner, int(last)); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) lowCardinality(inner string, rows int) error {
	if rows == 0 {
		return nil
	}
	flags, err := c.number()
	if err != nil {
		return err
	}
	n, err := c.number()
	if err != nil {
		return err
	}
	if name, args := split(inner); name == "Nullable" {
		inner = args[0]
	}
	if err := c.body(inner, int(n)); err != nil {
		return err
	}
	if _, err := c.number(); err != nil {
		return err
	}
	return c.take(rows << (flags & 3))
}
