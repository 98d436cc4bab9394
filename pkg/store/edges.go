package store

import (
	"math"

	"github.com/throughline-io/throughline/pkg/span"
)

// minute is the length of a bucket in nanoseconds.
const minute = int64(60e9)

// bucket is the minute of a time, in Unix seconds. Times that the store's DateTime cannot
// hold go to its ends.
func bucket(start int64) uint32 {
	return uint32(min(max(start/minute, 0), math.MaxUint32/60) * 60)
}

// edge is a row of table assoc.
type edge struct {
	a, b   span.GroupID
	bucket uint32
	kind   span.EdgeKind
}

// edges are the rows of one batch, each once.
type edges struct {
	known  map[edge]struct{}
	last   edge
	a, b   []uint64
	bucket []uint32
	kind   []uint8
}

func (e *edges) reset() {
	if e.known == nil {
		e.known = map[edge]struct{}{}
	}
	clear(e.known)
	e.last = edge{}
	e.a, e.b, e.bucket, e.kind = e.a[:0], e.b[:0], e.bucket[:0], e.kind[:0]
}

func (e *edges) add(row edge) {
	if row == e.last { // spans of a trace come one after the other
		return
	}
	e.last = row
	if _, ok := e.known[row]; ok {
		return
	}
	e.known[row] = struct{}{}
	e.a = append(e.a, uint64(row.a))
	e.b = append(e.b, uint64(row.b))
	e.bucket = append(e.bucket, row.bucket)
	e.kind = append(e.kind, uint8(row.kind))
}

// both adds an edge in both directions.
func (e *edges) both(a, b span.GroupID, bucket uint32, kind span.EdgeKind) {
	if a == 0 || b == 0 || a == b {
		return
	}
	e.add(edge{a, b, bucket, kind})
	e.add(edge{b, a, bucket, kind})
}

// derive fills groups and buckets, one for each row, and adds the edges that follow from
// single rows and those the agent sent.
func (e *edges) derive(batch *span.Batch, groups []uint64, buckets []uint32) {
	for i := range batch.Len() {
		g := span.Group(batch.TraceID[i], batch.RequestSeq[i], batch.ResponseSeq[i], batch.Passage[i], batch.ID[i])
		m := bucket(batch.Start[i])
		groups[i], buckets[i] = uint64(g), m
		e.add(edge{g, g, m, span.EdgeHasRows})
		if g.IsTrace() {
			// Another observer of the same session may not have seen its headers.
			e.both(span.WireGroup(batch.RequestSeq[i], batch.ResponseSeq[i]), g, m, span.EdgeWire)
		}
	}
	for _, x := range batch.Edges {
		e.both(x.A, x.B, bucket(x.Time), x.Kind)
	}
}
