package export_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// wide are spans each of whose names and attributes' keys is another word of the string table.
func wide(from, n, word int) *span.Batch {
	var b span.Batch
	for i := range n {
		b.Append(&span.Span{ID: uint64(from + i), Source: span.APP, Point: span.PointApp, Start: 1e18, OTelResource: uint64(from),
			Endpoint: fmt.Sprint(from+i, strings.Repeat("x", word)), Attributes: []span.Attribute{{Key: fmt.Sprint("k", from+i)}}})
	}
	b.OTelResources = []span.Resource{{ID: uint64(from), Attributes: []span.Attribute{{Key: "service.name", Value: "wide"}}}}
	return &b
}

// The string table counts for the queue's limit: words can be most of what a batch has.
func TestTheStringTableCountsForTheLimit(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.behave(func(*wire.PushRequest) error { return status.Error(codes.Unavailable, "away") })
	q, _ := newQueue(t, s, func(c *export.Config) { c.MaxBytes, c.Patience = 16<<20, time.Millisecond })
	taken := 0
	for i := range 20 {
		if _, err := q.Put(wide(1+1000*i, 1000, 4<<10), export.Key{}); err != nil { // 4 MiB of words
			if !errors.Is(err, export.ErrFull) && !errors.Is(err, export.ErrDown) {
				t.Fatal(err)
			}
			break
		}
		taken++
	}
	if taken > 5 {
		t.Errorf("%d MiB were taken, the limit is 16", 4*taken)
	}
}

// A batch that no message could carry goes in parts, and others that were to share its push are not
// refused with it.
func TestABatchThatIsTooLargeForAMessageGoesInParts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q, l := newQueue(t, s, func(c *export.Config) { c.Linger, c.MaxBytes = time.Hour, 1<<30 })
	innocent, err := q.Put(spans(1, 3), export.Key{})
	if err != nil {
		t.Fatal(err)
	}
	large := wide(1000, 5000, 16<<10) // 80 MiB of words
	large.Edges = []span.Edge{{A: 1, B: 2, Time: 1}}
	huge, err := q.Put(large, export.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Flush(deadline(t)); err != nil {
		t.Fatal(err)
	}
	for who, d := range map[string]*export.Delivery{"innocent": innocent, "large": huge} {
		if left, err := d.Wait(deadline(t)); err != nil || left.Spans > 0 {
			t.Errorf("%s: %v, %+v", who, err, left)
		}
	}
	if n := line(l, "APP", "dropped: refused by the server"); n != 0 || s.count() != 5003 {
		t.Errorf("%d spans refused, %d stored", n, s.count())
	}
	edges := 0
	for _, p := range s.received() {
		edges += len(p.GetBatch().GetEdges().GetKind())
	}
	if edges != 1 || !slices.Equal(s.resources, []uint64{1000}) {
		t.Errorf("%d edges, resources %v", edges, s.resources)
	}
}
