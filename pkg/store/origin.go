package store

import "github.com/throughline-io/throughline/pkg/span"

// origin is who saw a span and where, the same for most spans of a process: a text beside the columns
// of the same names, which searches read.
type origin struct {
	node, service, scopeName, scopeVersion, comm, iface string
	entity, otelResource                                uint64
	source                                              span.Source
	point                                               span.Point
}

var originColumns = []packedColumn{
	{"node", asText}, {"service", asText}, {"scope_name", asText}, {"scope_version", asText}, {"comm", asText}, {"interface", asText},
	{"entity", asNumber}, {"otel_resource", asNumber}, {"source", asNumber}, {"point", asNumber},
}

// OriginOfColumns is the column as an expression on those that it repeats.
func (schema) OriginOfColumns() string { return packExpression(originColumns) }

// originOf is what a span's origin is made of, to tell whether it is that of the span before.
type originOf struct {
	node, service, scopeName, scopeVersion, comm, iface span.Ref
	entity, otelResource                                uint64
	source                                              span.Source
	point                                               span.Point
}

// origin writes the column of a batch.
func (b *block) origin(batch *span.Batch, table []string) {
	b.header("origin", "String")
	p, last := &b.packing, originOf{}
	for i := range batch.Len() {
		o := originOf{
			batch.Node[i], batch.Service[i], batch.ScopeName[i], batch.ScopeVersion[i], batch.Comm[i], batch.Interface[i],
			batch.Entity[i], batch.OTelResource[i], batch.Source[i], batch.Point[i],
		}
		if i == 0 || o != last {
			last = o
			p.begin()
			for _, ref := range [...]span.Ref{o.node, o.service, o.scopeName, o.scopeVersion, o.comm, o.iface} {
				packText(p, table[ref])
			}
			p.number(o.entity)
			p.number(o.otelResource)
			p.number(uint64(o.source))
			p.number(uint64(o.point))
		}
		b.packed()
	}
}

func (o *origin) unpack(packed string) error {
	u := unpacking{left: packed}
	o.node, o.service, o.scopeName, o.scopeVersion, o.comm, o.iface = u.text(), u.text(), u.text(), u.text(), u.text(), u.text()
	o.entity, o.otelResource = u.number(), u.number()
	o.source, o.point = span.Source(u.number()), span.Point(u.number())
	return u.err
}
