package store

import (
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// words is a LowCardinality(String) column: its dictionary becomes strings once per
// block, not once per row.
type words struct {
	proto.ColLowCardinalityRaw
	dict proto.ColStr
	list []string
}

func newWords() *words {
	w := &words{}
	w.Index = &w.dict
	return w
}

// DecodeColumn implements proto.ColResult.
func (w *words) DecodeColumn(r *proto.Reader, rows int) error {
	w.list = nil
	if rows == 0 {
		return nil
	}
	if err := w.ColLowCardinalityRaw.DecodeColumn(r, rows); err != nil {
		return err
	}
	if w.Rows() != rows {
		return fmt.Errorf("%d keys for %d rows", w.Rows(), rows)
	}
	all := string(w.dict.Buf)
	w.list = make([]string, len(w.dict.Pos))
	for i, p := range w.dict.Pos {
		w.list[i] = all[p.Start:p.End]
	}
	for i := range rows {
		if k := w.key(i); k < 0 || k >= len(w.list) {
			return fmt.Errorf("key %d of %d words", k, len(w.list))
		}
	}
	return nil
}

func (w *words) key(i int) int {
	switch w.Key {
	case proto.KeyUInt8:
		return int(w.Keys8[i])
	case proto.KeyUInt16:
		return int(w.Keys16[i])
	case proto.KeyUInt32:
		return int(w.Keys32[i])
	default:
		return int(w.Keys64[i])
	}
}

func (w *words) at(i int) string { return w.list[w.key(i)] }

// texts is a String column whose rows share one string.
type texts struct {
	proto.ColStr
	all string
}

// DecodeColumn implements proto.ColResult.
func (t *texts) DecodeColumn(r *proto.Reader, rows int) error {
	if err := t.ColStr.DecodeColumn(r, rows); err != nil {
		return err
	}
	t.all = string(t.Buf)
	return nil
}

func (t *texts) at(i int) string { return t.all[t.Pos[i].Start:t.Pos[i].End] }

// pairs is a Map(LowCardinality(String), String) column.
type pairs struct {
	ends   proto.ColUInt64
	keys   *words
	values texts
}

func newPairs() *pairs { return &pairs{keys: newWords()} }

// Type implements proto.ColResult.
func (*pairs) Type() proto.ColumnType { return mapType }

// Rows implements proto.ColResult.
func (p *pairs) Rows() int { return len(p.ends) }

// Reset implements proto.ColResult.
func (p *pairs) Reset() {
	p.ends.Reset()
	p.keys.Reset()
	p.values.Reset()
}

// DecodeState implements proto.StateDecoder.
func (p *pairs) DecodeState(r *proto.Reader) error { return p.keys.DecodeState(r) }

// DecodeColumn implements proto.ColResult.
func (p *pairs) DecodeColumn(r *proto.Reader, rows int) error {
	if err := p.ends.DecodeColumn(r, rows); err != nil {
		return fmt.Errorf("map offsets: %w", err)
	}
	last := uint64(0)
	for _, e := range p.ends {
		if e < last || e > 1<<31 {
			return fmt.Errorf("map offset %d after %d", e, last)
		}
		last = e
	}
	if err := p.keys.DecodeColumn(r, int(last)); err != nil {
		return fmt.Errorf("map keys: %w", err)
	}
	if err := p.values.DecodeColumn(r, int(last)); err != nil {
		return fmt.Errorf("map values: %w", err)
	}
	return nil
}

func (p *pairs) row(i int) (from, to int) {
	if i > 0 {
		from = int(p.ends[i-1])
	}
	return from, int(p.ends[i])
}
