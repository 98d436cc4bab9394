package store

import (
	"encoding/binary"
	"unsafe"

	"github.com/throughline-io/throughline/pkg/span"
)

// block builds one block of ClickHouse's Native format at protocol revision 0, the one
// that HTTP inserts use: number of columns and rows, then name, type and data of each.
//
// Columns that are in their wire form already are listed, not copied; everything else is
// written into one buffer that is kept for the next block.
type block struct {
	names  []string
	buf    []byte
	pieces []piece
	from   int // start in buf of what is not yet a piece

	dict    dictionary
	packing packing
	ends    []uint64 // of the rows of texts
	values  []byte
}

// piece is either foreign memory or a range of buf, which may still move.
type piece struct {
	foreign  []byte
	from, to int
}

func (b *block) reset(columns, rows int) {
	b.names, b.buf, b.pieces, b.from = b.names[:0], b.buf[:0], b.pieces[:0], 0
	b.buf = binary.AppendUvarint(b.buf, uint64(columns))
	b.buf = binary.AppendUvarint(b.buf, uint64(rows))
}

func (b *block) header(name, typ string) {
	b.names = append(b.names, name)
	b.string(name)
	b.string(typ)
}

func (b *block) string(s string) {
	b.buf = binary.AppendUvarint(b.buf, uint64(len(s)))
	b.buf = append(b.buf, s...)
}

func (b *block) u64(v uint64) { b.buf = binary.LittleEndian.AppendUint64(b.buf, v) }

// list adds memory that stays unchanged until the block is sent.
func (b *block) list(data []byte) {
	if len(data) == 0 {
		return
	}
	b.cut()
	b.pieces = append(b.pieces, piece{foreign: data})
}

func (b *block) cut() {
	if b.from < len(b.buf) {
		b.pieces = append(b.pieces, piece{from: b.from, to: len(b.buf)})
		b.from = len(b.buf)
	}
}

// body is the block as slices, valid until the next reset.
func (b *block) body(dst [][]byte) [][]byte {
	b.cut()
	for _, p := range b.pieces {
		if p.foreign != nil {
			dst = append(dst, p.foreign)
		} else {
			dst = append(dst, b.buf[p.from:p.to])
		}
	}
	return dst
}

func (b *block) fixed(name, typ string, data []byte) {
	b.header(name, typ)
	b.list(data)
}

func (b *block) text(name string, c *span.Text) {
	b.header(name, "String")
	b.list(c.Data)
}

// symbols writes LowCardinality(String): the batch's references become a dictionary of the
// words this column uses.
func (b *block) symbols(name string, refs span.Symbols, table []string) {
	b.header(name, "LowCardinality(String)")
	b.lowCardinalityPrefix()
	b.lowCardinality(refs, table)
}

const lowCardinalityVersion = 1

func (b *block) lowCardinalityPrefix() { b.u64(lowCardinalityVersion) }

// Flags of a LowCardinality column: it brings its own words, and they are new.
const hasAdditionalKeys, needsUpdate = 1 << 9, 1 << 10

func (b *block) lowCardinality(refs span.Symbols, table []string) {
	if len(refs) == 0 {
		return // no rows, no data
	}
	words := b.dict.build(refs, len(table))
	width := 0 // log2 of the bytes of a key
	if len(words) > 1<<8 {
		width = 1
	}
	if len(words) > 1<<16 {
		width = 2
	}
	b.u64(uint64(hasAdditionalKeys | needsUpdate | width))
	b.u64(uint64(len(words)))
	for _, r := range words {
		b.string(table[r])
	}
	b.u64(uint64(len(refs)))
	keys := b.dict.key
	switch width {
	case 0:
		for _, r := range refs {
			b.buf = append(b.buf, uint8(keys[r]))
		}
	case 1:
		for _, r := range refs {
			b.buf = binary.LittleEndian.AppendUint16(b.buf, uint16(keys[r]))
		}
	default:
		for _, r := range refs {
			b.buf = binary.LittleEndian.AppendUint32(b.buf, keys[r])
		}
	}
}

// dictionary maps a batch's references to the keys of one column. It is used again and
// again; a generation number saves clearing it.
type dictionary struct {
	generation uint32
	stamp      []uint32 // of a reference: the generation in which key is valid
	key        []uint32
	words      []span.Ref
}

func (d *dictionary) build(refs span.Symbols, table int) []span.Ref {
	if len(d.stamp) < table {
		d.stamp, d.key, d.generation = make([]uint32, table*2), make([]uint32, table*2), 0
	}
	if d.generation++; d.generation == 0 { // wrapped around
		clear(d.stamp)
		d.generation = 1
	}
	d.words = d.words[:0]
	for _, r := range refs {
		if d.stamp[r] != d.generation {
			d.stamp[r] = d.generation
			d.key[r] = uint32(len(d.words))
			d.words = append(d.words, r)
		}
	}
	return d.words
}

const mapType = "Map(LowCardinality(String), String)"

// attributes writes the map and, as a column of its own, a letter for the type of each
// value.
func (b *block) attributes(c *span.Attributes, table []string) {
	b.mapColumn("attributes", c, table)
	b.header("attribute_types", "String")
	from := uint64(0)
	for _, to := range c.Ends {
		types := c.Types[from:to]
		b.buf = binary.AppendUvarint(b.buf, uint64(len(types)))
		for _, t := range types {
			b.buf = append(b.buf, byte(t))
		}
		from = to
	}
}

func (b *block) mapColumn(name string, c *span.Attributes, table []string) {
	b.header(name, mapType)
	b.lowCardinalityPrefix()
	b.list(c.Ends.Bytes())
	b.lowCardinality(c.Keys, table)
	b.list(c.Values.Data)
}

// memory is a slice's bytes in the machine's (little-endian) order.
func memory[T uint8 | uint32 | uint64](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}
