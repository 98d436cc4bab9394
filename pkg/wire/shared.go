package wire

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/span"
)

// UnmarshalShared reads a marshalled push as proto.Unmarshal does, but the bytes of its columns are
// those of data, not copies: req is valid for as long as data is and stays as it is. Its texts
// are its own. Decode copies what it reads, so a batch that was decoded is its own, too.
func UnmarshalShared(data []byte, req *PushRequest) error {
	proto.Reset(req)
	if push(data, req) {
		return nil
	}
	// What agents do not send: fields of newer ones, messages in pieces, damage. Unmarshal knows it all.
	return proto.Unmarshal(data, req)
}

// push reads the common form, in which each message is there once and all fields are known; false for any
// other.
func push(data []byte, req *PushRequest) bool {
	return fields(data, func(f field) bool {
		switch {
		case f.is(1, protowire.BytesType) && utf8.Valid(f.bytes):
			req.Agent = string(f.bytes)
		case f.is(2, protowire.Fixed64Type):
			req.Boot = f.number
		case f.is(3, protowire.VarintType):
			req.Sequence = f.number
		case f.is(4, protowire.BytesType) && req.Batch == nil:
			req.Batch = new(Batch)
			return batch(f.bytes, req.Batch)
		default:
			return false
		}
		return true
	})
}

func batch(data []byte, b *Batch) bool {
	return fields(data, func(f field) bool {
		switch {
		case f.is(1, protowire.VarintType):
			b.Rows = uint32(f.number)
		case f.is(2, protowire.BytesType):
			b.Strings = f.bytes
		case f.is(3, protowire.BytesType):
			c := new(Column)
			b.Columns = append(b.Columns, c)
			return column(f.bytes, c)
		case f.is(4, protowire.BytesType) && b.Edges == nil:
			b.Edges = new(Edges)
			return edges(f.bytes, b.Edges)
		case f.is(5, protowire.BytesType) && b.Resources == nil:
			b.Resources = new(Resources)
			return resources(f.bytes, b.Resources)
		default:
			return false
		}
		return true
	})
}

func column(data []byte, c *Column) bool {
	return fields(data, func(f field) bool {
		switch {
		case f.is(1, protowire.BytesType) && utf8.Valid(f.bytes):
			c.Name = columnName(f.bytes)
		case f.is(2, protowire.BytesType):
			c.Data = f.bytes
		case f.is(3, protowire.BytesType):
			c.Keys = f.bytes
		case f.is(4, protowire.BytesType):
			c.Values = f.bytes
		case f.is(5, protowire.BytesType):
			c.Types = f.bytes
		default:
			return false
		}
		return true
	})
}

func edges(data []byte, e *Edges) bool {
	return fields(data, func(f field) bool {
		switch {
		case f.is(1, protowire.BytesType):
			e.A = f.bytes
		case f.is(2, protowire.BytesType):
			e.B = f.bytes
		case f.is(3, protowire.BytesType):
			e.Time = f.bytes
		case f.is(4, protowire.BytesType):
			e.Kind = f.bytes
		default:
			return false
		}
		return true
	})
}

func resources(data []byte, r *Resources) bool {
	return fields(data, func(f field) bool {
		switch {
		case f.is(1, protowire.BytesType):
			r.Ids = f.bytes
		case f.is(2, protowire.BytesType):
			r.Strings = f.bytes
		case f.is(3, protowire.BytesType) && r.Attributes == nil:
			r.Attributes = new(Column)
			return column(f.bytes, r.Attributes)
		default:
			return false
		}
		return true
	})
}

// field is one of a message: bytes or a number, by its type.
type field struct {
	which  protowire.Number
	typ    protowire.Type
	bytes  []byte
	number uint64
}

func (f *field) is(which protowire.Number, typ protowire.Type) bool {
	return f.which == which && f.typ == typ
}

// fields calls each with the fields of a message in turn. It is false where each is, and where data is no
// message, or has fields of types that a push has none of.
func fields(data []byte, each func(field) bool) bool {
	for len(data) > 0 {
		var f field
		var n int
		if f.which, f.typ, n = protowire.ConsumeTag(data); n < 0 {
			return false
		}
		data = data[n:]
		switch f.typ {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(data)
			f.bytes = f.bytes[:len(f.bytes):len(f.bytes)]
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(data)
		case protowire.Fixed64Type:
			f.number, n = protowire.ConsumeFixed64(data)
		default:
			return false
		}
		if n < 0 || !each(f) {
			return false
		}
		data = data[n:]
	}
	return true
}

// columnNames are those of this version, so that reading a push makes none of them anew.
var columnNames = func() map[string]string {
	names := map[string]string{}
	for _, c := range new(span.Batch).Columns() {
		names[c.Name] = c.Name
	}
	return names
}()

func columnName(name []byte) string {
	if known, ok := columnNames[string(name)]; ok {
		return known
	}
	return string(name)
}
