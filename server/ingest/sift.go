package ingest

import (
	"fmt"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// ahead is how far in the future a span may start: a clock that is set wrong by a day is
// still worth seeing, one that is set to another century would never be deleted.
const ahead = 24 * time.Hour

// sift takes the rows that cannot be stored out of a batch: no source, a time outside what
// the store keeps. It returns which rows went, and why.
func sift(b *span.Batch, now time.Time, maxAge time.Duration) (out rejected) {
	newest := now.Add(ahead).UnixNano()
	oldest := int64(1)
	if maxAge > 0 {
		oldest = now.Add(-maxAge).UnixNano()
	}
	why := func(i int) string {
		switch {
		case b.Source[i] < span.APP || b.Source[i] > span.NET:
			return "source is none of APP, SYS, NET"
		case b.ID[i] == 0:
			return "no id"
		case b.Start[i] < oldest:
			return fmt.Sprintf("start is older than the store keeps spans (%v)", maxAge)
		case b.Start[i] > newest:
			return fmt.Sprintf("start is more than %v in the future", ahead)
		case b.Duration[i] > uint64(1<<63-1-newest):
			return "duration of centuries"
		}
		return ""
	}
	keepEdges := b.Edges[:0]
	for _, e := range b.Edges {
		if e.A != 0 && e.B != 0 && e.Time >= oldest && e.Time <= newest {
			keepEdges = append(keepEdges, e)
		}
	}
	b.Edges = keepEdges

	for i := range b.Len() {
		if w := why(i); w != "" {
			out.add(b, i, w)
		}
	}
	if out.rows == 0 {
		return out
	}
	kept := new(span.Batch)
	i := 0
	for s := range b.Spans() { // rare: the rows are copied one by one
		if why(i) == "" {
			kept.Append(s)
		}
		i++
	}
	kept.Edges, kept.OTelResources = b.Edges, b.OTelResources
	*b = *kept
	return out
}

// rejected is what sift left out of a batch.
type rejected struct {
	rows    uint64
	first   string // says of one what was wrong
	reasons []*wire.Rejection
}

func (r *rejected) add(b *span.Batch, row int, why string) {
	if r.rows == 0 {
		r.first = fmt.Sprintf("span %s of %s: %s", span.FormatID(b.ID[row]), time.Unix(0, b.Start[row]).UTC().Format(time.RFC3339), why)
	}
	r.rows++
	for _, reason := range r.reasons {
		if reason.Reason == why {
			reason.Rows = append(reason.Rows, uint32(row))
			return
		}
	}
	r.reasons = append(r.reasons, &wire.Rejection{Reason: why, Rows: []uint32{uint32(row)}})
}

// message is what the agent logs.
func (r *rejected) message() string {
	if r.rows > 1 {
		return fmt.Sprintf("%s (and %d more)", r.first, r.rows-1)
	}
	return r.first
}
