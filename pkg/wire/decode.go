package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/throughline-io/throughline/pkg/span"
)

// Decode replaces b by a copy of the batch w. When it fails, b is empty.
func Decode(w *Batch, b *span.Batch) error {
	b.Reset()
	if err := decode(w, b); err != nil {
		b.Reset()
		return fmt.Errorf("malformed batch: %w", err)
	}
	return nil
}

func decode(w *Batch, b *span.Batch) error {
	if w.GetRows() > MaxRows {
		return fmt.Errorf("%d rows, at most %d are allowed", w.GetRows(), MaxRows)
	}
	rows := int(w.GetRows())
	if err := decodeTable(w.GetStrings(), &b.Strings); err != nil {
		return err
	}
	sent := make(map[string]*Column, len(w.GetColumns()))
	for _, c := range w.GetColumns() {
		if _, twice := sent[c.GetName()]; twice {
			return fmt.Errorf("column %q is there twice", c.GetName())
		}
		sent[c.GetName()] = c
	}
	// Without it, a few bytes could claim many rows.
	if rows > 0 && sent["id"] == nil {
		return errors.New(`column "id" is missing`)
	}
	for _, c := range b.Columns() {
		if err := decodeColumn(sent[c.Name], rows, c.Data); err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
	}
	if err := b.Check(); err != nil {
		return err
	}
	if err := checkValues(b); err != nil {
		return err
	}
	if err := decodeEdges(w.GetEdges(), b); err != nil {
		return fmt.Errorf("edges: %w", err)
	}
	if err := decodeResources(w.GetResources(), b); err != nil {
		return fmt.Errorf("resources: %w", err)
	}
	return nil
}

// decodeTable copies the strings that the table did not have before.
func decodeTable(data []byte, t *span.Table) error {
	for at := 0; at < len(data); {
		n, w := binary.Uvarint(data[at:])
		if w <= 0 || n > uint64(len(data)-at-w) {
			return fmt.Errorf("string table: string %d is cut off at byte %d of %d", t.Len(), at, len(data))
		}
		at += w
		want := t.Len()
		if got := t.RefBytes(data[at : at+int(n)]); int(got) != want {
			return fmt.Errorf("string table: strings %d and %d are the same", got, want)
		}
		at += int(n)
	}
	return nil
}

// decodeColumn makes rows rows of the column as sent; nil is a column of zeros.
func decodeColumn(w *Column, rows int, c span.Column) error {
	switch c := c.(type) {
	case bytesColumn:
		return decodeFixed(w.GetData(), rows, c)
	case *span.Symbols:
		return decodeFixed(w.GetData(), rows, refs(c))
	case *span.Text:
		return decodeText(w.GetData(), rows, c)
	case *span.Attributes:
		return decodeAttributes(w, rows, c)
	}
	return fmt.Errorf("no decoder for a %T", c)
}

// decodeFixed leaves the number of rows to span.Batch.Check.
func decodeFixed(data []byte, rows int, c bytesColumn) error {
	if len(data) == 0 {
		c.SetZero(rows)
		return nil
	}
	return c.SetBytes(data)
}

func decodeText(data []byte, rows int, c *span.Text) error {
	if len(data) == 0 {
		data = make([]byte, rows) // an empty text is one zero byte, its length
	}
	return c.SetBytes(data, rows)
}

func decodeAttributes(w *Column, rows int, c *span.Attributes) error {
	if err := decodeFixed(w.GetData(), rows, &c.Ends); err != nil {
		return fmt.Errorf("row ends: %w", err)
	}
	if err := refs(&c.Keys).SetBytes(w.GetKeys()); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := c.Values.SetBytes(w.GetValues(), len(c.Keys)); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	if err := c.Types.SetBytes(w.GetTypes()); err != nil {
		return fmt.Errorf("types: %w", err)
	}
	for i, t := range c.Types {
		switch t {
		case span.AttributeString, span.AttributeBool, span.AttributeInt, span.AttributeDouble, span.AttributeJSON, span.AttributeBytes:
		default:
			c.Types[i] = span.AttributeString // of a newer agent: its text form is right all the same
		}
	}
	return nil
}

// checkValues refuses what no reader could make sense of, and reads the names that only
// newer agents know as "not known".
func checkValues(b *span.Batch) error {
	for i := range b.Len() {
		if s := b.Source[i]; s != span.APP && s != span.SYS && s != span.NET {
			return fmt.Errorf("row %d: source %d is none of APP, SYS, NET", i, s)
		}
		if b.Start[i] < 0 {
			return fmt.Errorf("row %d: it starts before 1970", i)
		}
		if room := uint64(math.MaxInt64 - b.Start[i]); b.Duration[i] > room || b.ResponseStart[i] > room || b.RequestEnd[i] > room {
			return fmt.Errorf("row %d: it ends after the year 2262", i)
		}
		if b.Point[i] > span.PointRest {
			b.Point[i] = span.PointRest
		}
		if b.Kind[i] > span.KindConsumer {
			b.Kind[i] = span.KindUnspecified
		}
		if b.Status[i] > span.StatusLast {
			b.Status[i] = span.StatusUnknown
		}
	}
	return nil
}

func decodeEdges(w *Edges, b *span.Batch) error {
	n := len(w.GetKind())
	for _, c := range []struct {
		name string
		data []byte
	}{{"a", w.GetA()}, {"b", w.GetB()}, {"time", w.GetTime()}} {
		if len(c.data) != 8*n {
			return fmt.Errorf("%d bytes of %s for %d edges", len(c.data), c.name, n)
		}
	}
	for i := range n {
		e := span.Edge{
			A:    span.GroupID(binary.LittleEndian.Uint64(w.A[8*i:])),
			B:    span.GroupID(binary.LittleEndian.Uint64(w.B[8*i:])),
			Time: int64(binary.LittleEndian.Uint64(w.Time[8*i:])),
			Kind: span.EdgeKind(w.Kind[i]),
		}
		switch {
		case e.A == 0 || e.B == 0:
			return fmt.Errorf("edge %d joins no group", i)
		case e.Time < 0:
			return fmt.Errorf("edge %d is of before 1970", i)
		case e.Kind > span.EdgeRoot:
			continue // of a newer agent: nobody here would follow it
		}
		b.Edges = append(b.Edges, e)
	}
	return nil
}

func decodeResources(w *Resources, b *span.Batch) error {
	var ids span.Fixed[uint64]
	if err := ids.SetBytes(w.GetIds()); err != nil {
		return fmt.Errorf("ids: %w", err)
	}
	var keys span.Table
	if err := decodeTable(w.GetStrings(), &keys); err != nil {
		return err
	}
	var pairs span.Attributes
	if err := decodeAttributes(w.GetAttributes(), len(ids), &pairs); err != nil {
		return err
	}
	if len(pairs.Ends) != len(ids) || len(pairs.Types) != len(pairs.Keys) {
		return fmt.Errorf("%d ids and %d rows of attributes, %d keys and %d types", len(ids), len(pairs.Ends), len(pairs.Keys), len(pairs.Types))
	}
	from, at := uint64(0), 0
	for i, id := range ids {
		to := pairs.Ends[i]
		if to < from || to > uint64(len(pairs.Keys)) {
			return fmt.Errorf("resource %d: its attributes end at %d, those before it at %d, of %d", i, to, from, len(pairs.Keys))
		}
		r := span.Resource{ID: id}
		for ; from < to; from++ {
			if int(pairs.Keys[from]) >= keys.Len() {
				return fmt.Errorf("resource %d refers to string %d of %d", i, pairs.Keys[from], keys.Len())
			}
			value, next := pairs.Values.Next(at)
			at = next
			r.Attributes = append(r.Attributes, span.Attribute{Key: keys.String(pairs.Keys[from]), Value: string(value), Type: pairs.Types[from]})
		}
		b.OTelResources = append(b.OTelResources, r)
	}
	if from != uint64(len(pairs.Keys)) {
		return fmt.Errorf("%d attributes after the last resource", uint64(len(pairs.Keys))-from)
	}
	return nil
}
