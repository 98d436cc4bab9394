package wire

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// MaxRows is the most spans a batch may have. It bounds what a small message can make the
// receiver allocate: a row has about 400 bytes of columns that need not be sent.
const MaxRows = 1 << 17

// MaxMessage is the most bytes a message may have. Agents keep well below it.
const MaxMessage = 64 << 20

// Encode is the batch in the form of the wire. It shares b's memory: marshal it before b
// changes. Columns that are zero in every row are left out.
func Encode(b *span.Batch) *Batch {
	w := &Batch{
		Rows: uint32(b.Len()), Strings: encodeTable(&b.Strings),
		Edges: encodeEdges(b.Edges), Resources: encodeResources(b.OTelResources),
	}
	for _, c := range b.Columns() {
		col := encodeColumn(c.Data)
		if col == nil && c.Name == "id" && b.Len() > 0 {
			col = &Column{Data: b.ID.Bytes()} // it must be there, see decode
		}
		if col != nil {
			col.Name = c.Name
			w.Columns = append(w.Columns, col)
		}
	}
	return w
}

// encodeTable is a string table without its first string, which is always empty.
func encodeTable(t *span.Table) []byte {
	list, size := t.Strings()[1:], 0
	for _, s := range list {
		size += len(s) + binary.MaxVarintLen32
	}
	data := make([]byte, 0, size)
	for _, s := range list {
		data = append(binary.AppendUvarint(data, uint64(len(s))), s...)
	}
	return data
}

// bytesColumn is a column of fixed-size values.
type bytesColumn interface {
	Bytes() []byte
	SetBytes([]byte) error
	SetZero(rows int)
}

// refs is a column of references seen as a column of fixed-size values.
func refs(c *span.Symbols) *span.Fixed[span.Ref] { return (*span.Fixed[span.Ref])(c) }

// encodeColumn is nil for a column that is all zero.
func encodeColumn(c span.Column) *Column {
	switch c := c.(type) {
	case bytesColumn:
		if data := c.Bytes(); !zero(data) {
			return &Column{Data: data}
		}
	case *span.Symbols:
		if data := refs(c).Bytes(); !zero(data) {
			return &Column{Data: data}
		}
	case *span.Text:
		if !zero(c.Data) {
			return &Column{Data: c.Data}
		}
	case *span.Attributes:
		if len(c.Keys) > 0 {
			return encodeAttributes(c)
		}
	default:
		panic("wire: package span has a kind of column that Encode does not know")
	}
	return nil
}

func encodeAttributes(c *span.Attributes) *Column {
	return &Column{Data: c.Ends.Bytes(), Keys: refs(&c.Keys).Bytes(), Values: c.Values.Data, Types: c.Types.Bytes()}
}

func zero(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
	}
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func encodeEdges(edges []span.Edge) *Edges {
	if len(edges) == 0 {
		return nil
	}
	n := len(edges)
	w := &Edges{A: make([]byte, 0, 8*n), B: make([]byte, 0, 8*n), Time: make([]byte, 0, 8*n), Kind: make([]byte, 0, n)}
	for _, e := range edges {
		w.A = binary.LittleEndian.AppendUint64(w.A, uint64(e.A))
		w.B = binary.LittleEndian.AppendUint64(w.B, uint64(e.B))
		w.Time = binary.LittleEndian.AppendUint64(w.Time, uint64(e.Time))
		w.Kind = append(w.Kind, byte(e.Kind))
	}
	return w
}

// encodeResources puts the keys of resources into a table of their own: a key is sent
// once however many resources have it.
func encodeResources(resources []span.Resource) *Resources {
	if len(resources) == 0 {
		return nil
	}
	var ids span.Fixed[uint64]
	var keys span.Table
	var pairs span.Attributes
	for _, r := range resources {
		ids.Add(r.ID)
		for _, a := range r.Attributes {
			pairs.AddPair(keys.Ref(a.Key), []byte(a.Value), a.Type)
		}
		pairs.EndRow()
	}
	return &Resources{Ids: ids.Bytes(), Strings: encodeTable(&keys), Attributes: encodeAttributes(&pairs)}
}
