package export

import (
	"github.com/throughline-io/throughline/pkg/span"
)

// cut gives a batch in parts of at most most bytes each, but for a row that has more. Each row is
// copied: it is for batches that are too large for one push.
func cut(b *span.Batch, most int, part func(*span.Batch)) {
	resources := make(map[uint64]span.Resource, len(b.OTelResources))
	for _, r := range b.OTelResources {
		resources[r.ID] = r
	}
	p := new(span.Batch)
	p.Edges = b.Edges
	bytes := 0 // of the resources in p
	for s := range b.Spans() {
		p.Append(s)
		if r, ok := resources[s.OTelResource]; ok {
			delete(resources, s.OTelResource)
			p.OTelResources = append(p.OTelResources, r)
			bytes += r.Size()
		}
		if p.Size()+bytes >= most || p.Len() >= mostRows {
			part(p)
			p, bytes = new(span.Batch), 0
		}
	}
	if p.Len() > 0 || len(p.Edges) > 0 {
		part(p)
	}
}
