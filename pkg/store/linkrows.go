package store

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// linkRows are the links of an insert's spans, as rows of table links.
type linkRows struct {
	toTrace, ownTrace   span.Fixed[span.TraceID]
	toSpan, ownSpan     span.Fixed[span.SpanID]
	bucket              []uint32
	id, start, duration []uint64
	kind, status        []uint8
	table               span.Table
	service, endpoint   span.Symbols
}

// add takes the links of a batch. A text that is not links is nobody's fault here: the span is
// stored with it as it is.
func (l *linkRows) add(batch *span.Batch, buckets []uint32) {
	for i, at := 0, 0; i < batch.Len(); i++ {
		var text []byte
		if text, at = batch.Links.Next(at); len(text) == 0 {
			continue
		}
		links, err := span.ReadLinks(string(text))
		if err != nil {
			continue
		}
		for _, to := range links {
			if to.TraceID.IsZero() || to.SpanID.IsZero() {
				continue // it leads nowhere
			}
			l.toTrace.Add(to.TraceID)
			l.toSpan.Add(to.SpanID)
			l.ownTrace.Add(batch.TraceID[i])
			l.ownSpan.Add(batch.SpanID[i])
			l.bucket = append(l.bucket, buckets[i])
			l.id, l.start, l.duration = append(l.id, batch.ID[i]), append(l.start, uint64(batch.Start[i])), append(l.duration, batch.Duration[i])
			l.kind, l.status = append(l.kind, uint8(batch.Kind[i])), append(l.status, uint8(batch.Status[i]))
			l.service.Add(l.table.Ref(batch.Strings.String(batch.Service[i])))
			l.endpoint.Add(l.table.Ref(batch.Strings.String(batch.Endpoint[i])))
		}
	}
}

func (l *linkRows) block(b *block) {
	b.reset(12, len(l.id))
	b.fixed("linked_trace", "FixedString(16)", l.toTrace.Bytes())
	b.fixed("linked_span", "FixedString(8)", l.toSpan.Bytes())
	b.fixed("bucket", "DateTime", memory(l.bucket))
	b.fixed("id", "UInt64", memory(l.id))
	b.fixed("trace_id", "FixedString(16)", l.ownTrace.Bytes())
	b.fixed("span_id", "FixedString(8)", l.ownSpan.Bytes())
	b.fixed("kind", "UInt8", memory(l.kind))
	b.symbols("service", l.service, l.table.Strings())
	b.symbols("endpoint", l.endpoint, l.table.Strings())
	b.fixed("status", "UInt8", memory(l.status))
	b.fixed("start", "Int64", memory(l.start))
	b.fixed("duration", "UInt64", memory(l.duration))
}
