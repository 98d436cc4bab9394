package ingest

import (
	"fmt"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// ahead is how far in the future a span may start: a clock that is set wrong by a day is
// still worth seeing, one that is set to another century would never be deleted.
const ahead = 24 * time.Hour

// sift takes the rows that cannot be stored out of a batch: no source, a time outside what
// the store keeps. It returns how many rows went, and why.
func sift(b *span.Batch, now time.Time, maxAge time.Duration) (int, string) {
	newest := now.Add(ahead).UnixNano()
	oldest := int64(1)
	if maxAge > 0 {
		oldest = now.Add(-maxAge).UnixNano()
	}
	why := func(i int) string {
		switch {
		case b.Source[i] < span.APP || b.Source[i] > span.NET:
			return fmt.Sprintf("source %d is none of APP, SYS, NET", b.Source[i])
		case b.ID[i] == 0:
			return "no id"
		case b.Start[i] < oldest:
			return fmt.Sprintf("start %s is older than the store keeps spans", time.Unix(0, b.Start[i]).UTC().Format(time.RFC3339))
		case b.Start[i] > newest:
			return fmt.Sprintf("start %s is in the future", time.Unix(0, b.Start[i]).UTC().Format(time.RFC3339))
		case b.Duration[i] > uint64(1<<63-1-newest):
			return fmt.Sprintf("duration of %d ns", b.Duration[i])
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

	bad, reason := 0, ""
	for i := range b.Len() {
		if w := why(i); w != "" {
			if bad == 0 {
				reason = fmt.Sprintf("span %s: %s", span.FormatID(b.ID[i]), w)
			}
			bad++
		}
	}
	if bad == 0 {
		return 0, ""
	}
	out := new(span.Batch)
	i := 0
	for s := range b.Spans() { // rare: the rows are copied one by one
		if why(i) == "" {
			out.Append(s)
		}
		i++
	}
	out.Edges, out.OTelResources = b.Edges, b.OTelResources
	*b = *out
	return bad, reason
}
