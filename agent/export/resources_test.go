package export

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// A span of a resource brings the resource along until the server has it, once in a parcel.
func TestASpanBringsItsResource(t *testing.T) {
	t.Parallel()
	q := &Queue{config: Config{Rows: 100, MaxSpans: 100, MaxBytes: 1 << 20, Linger: time.Hour}}
	r := span.Resource{Attributes: []span.Attribute{{Key: "k8s.pod.uid", Value: "a", Type: span.AttributeString}}}
	r.ID = span.ResourceID(r.Attributes)
	q.count = newCounters(&ledger.Ledger{})
	for range 3 {
		q.AddOf(&span.Span{ID: 1, Source: span.SYS, OTelResource: r.ID}, r)
	}
	if b := q.open.batch; b.Len() != 3 || len(b.OTelResources) != 1 || q.open.resource == 0 {
		t.Errorf("%d spans, %d resources of %d bytes; want 3 and 1", b.Len(), len(b.OTelResources), q.open.resource)
	}
	q.known.add([]uint64{r.ID}, time.Now())
	q.open.batch.OTelResources = nil
	q.AddOf(&span.Span{ID: 2, Source: span.SYS, OTelResource: r.ID}, r)
	if b := q.open.batch; b.Len() != 4 || len(b.OTelResources) != 0 {
		t.Errorf("%d spans, %d resources; want 4, and none that the server has", b.Len(), len(b.OTelResources))
	}
}
