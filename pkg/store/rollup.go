package store

import (
	"encoding/binary"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// rollUp counts the requests of one insert by minute and by what metrics ask for: rows of table
// requests_minute. The store could make them by a view, but it would count what comes twice,
// and its pattern for the literals of a statement costs more than all of this.
type rollUp struct {
	names *requestNames
	table span.Table
	rows  map[rollUpKey]int // place in list
	list  []rollUpRow

	folded uint64 // spans whose name gave way to OtherRequests

	refs    []uint32                 // of the batch's strings in table, plus 1; 0: not yet asked for
	pairs   map[[2]span.Ref]span.Ref // method and route of the batch: the name in table
	literal map[string]span.Ref      // statements: the name in table
	within  map[[2]span.Ref]span.Ref // service and name: the name that is counted
}

// rollUpKey is what tells rows apart.
type rollUpKey struct {
	minute                           uint32
	point                            span.Point
	status                           span.Status
	source                           span.Source
	kind                             span.Kind
	request, service, protocol, node span.Ref
	entity, client, server           uint64
}

// rollUpRow is a row and its sums. slots, sorted, and counts are the histogram.
type rollUpRow struct {
	rollUpKey
	count, duration, resent uint64
	slots                   []uint16
	counts                  []uint64
}

// maxLiterals bounds the statements that are kept in mind while an insert is made.
const maxLiterals = 1 << 14

func newRollUp(names *requestNames) *rollUp {
	return &rollUp{names: names, rows: map[rollUpKey]int{}, literal: map[string]span.Ref{}, within: map[[2]span.Ref]span.Ref{}}
}

// ref is a string of the batch in the roll-up's own table.
func (r *rollUp) ref(batch *span.Batch, s span.Ref) span.Ref {
	if r.refs[s] == 0 {
		r.refs[s] = uint32(r.table.Ref(batch.Strings.String(s))) + 1
	}
	return span.Ref(r.refs[s] - 1)
}

// add counts the spans of a batch. buckets are their minutes.
func (r *rollUp) add(batch *span.Batch, buckets []uint32) {
	r.refs = grow(r.refs, batch.Strings.Len())
	clear(r.refs)
	r.pairs = map[[2]span.Ref]span.Ref{}
	resource := 0
	for i := range batch.Len() {
		var statement []byte
		statement, resource = batch.Resource.Next(resource)
		if batch.Status[i] == span.StatusOpen {
			continue // it comes again and counts when it is over
		}
		k := rollUpKey{
			minute: buckets[i], point: batch.Point[i], status: batch.Status[i], source: batch.Source[i], kind: batch.Kind[i],
			service: r.ref(batch, batch.Service[i]), protocol: r.ref(batch, batch.Protocol[i]), node: r.ref(batch, batch.Node[i]),
			entity: batch.Entity[i], client: batch.ClientEntity[i], server: batch.ServerEntity[i],
		}
		k.request = r.counted(k.service, r.name(batch, i, statement))
		if span.IsExternal(k.client) {
			k.client = span.OutsideID
		}
		at, known := r.rows[k]
		if !known {
			at = len(r.list)
			r.rows[k] = at
			r.list = append(r.list, rollUpRow{rollUpKey: k})
		}
		r.list[at].count1(batch.Duration[i], uint64(batch.Retransmissions[i]))
	}
}

// counted is the name, or OtherRequests where the service has used up its names.
func (r *rollUp) counted(service, name span.Ref) span.Ref {
	pair := [2]span.Ref{service, name}
	as, known := r.within[pair]
	if !known {
		if as = name; !r.names.take(r.table.String(service), r.table.String(name)) {
			as = r.table.Ref(OtherRequests)
		}
		r.within[pair] = as
	}
	if as != name {
		r.folded++
	}
	return as
}

func (w *rollUpRow) count1(duration, resent uint64) {
	w.count++
	w.duration += duration
	w.resent += resent
	slot := Slot(duration)
	at, known := slices.BinarySearch(w.slots, slot)
	if !known {
		w.slots, w.counts = slices.Insert(w.slots, at, slot), slices.Insert(w.counts, at, 0)
	}
	w.counts[at]++
}

// name is RequestName of row i, in the roll-up's table.
func (r *rollUp) name(batch *span.Batch, i int, statement []byte) span.Ref {
	method, route := batch.Type[i], batch.Endpoint[i]
	switch {
	case span.AsksByMethod(batch.Strings.String(batch.Protocol[i])) && method != 0:
		pair := [2]span.Ref{method, route}
		name, known := r.pairs[pair]
		if !known {
			name = r.table.Ref(httpName(batch.Strings.String(method), batch.Strings.String(route)))
			r.pairs[pair] = name
		}
		return name
	case batch.Source[i] == span.APP || len(statement) == 0 || span.NamesByEndpoint(batch.Strings.String(batch.Protocol[i])):
		return r.ref(batch, route)
	}
	statement = statement[:min(len(statement), maxStatement)]
	name, known := r.literal[string(statement)]
	if !known {
		if len(r.literal) >= maxLiterals {
			clear(r.literal)
		}
		name = r.table.Ref(withoutLiterals(string(statement)))
		r.literal[string(statement)] = name
	}
	return name
}

// block writes the rows.
func (r *rollUp) block(b *block) {
	n := len(r.list)
	b.reset(16, n)
	table := r.table.Strings()
	fixed := func(name, typ string, value func(*rollUpRow) uint64, width int) {
		b.header(name, typ)
		for i := range r.list {
			b.buf = binary.LittleEndian.AppendUint64(b.buf, value(&r.list[i]))[:len(b.buf)+width]
		}
	}
	symbols := func(name string, value func(*rollUpRow) span.Ref) {
		refs := make(span.Symbols, n)
		for i := range r.list {
			refs[i] = value(&r.list[i])
		}
		b.symbols(name, refs, table)
	}
	fixed("minute", "DateTime", func(w *rollUpRow) uint64 { return uint64(w.minute) }, 4)
	fixed("point", "UInt8", func(w *rollUpRow) uint64 { return uint64(w.point) }, 1)
	symbols("request", func(w *rollUpRow) span.Ref { return w.request })
	symbols("service", func(w *rollUpRow) span.Ref { return w.service })
	fixed("status", "UInt8", func(w *rollUpRow) uint64 { return uint64(w.status) }, 1)
	fixed("source", "UInt8", func(w *rollUpRow) uint64 { return uint64(w.source) }, 1)
	fixed("kind", "UInt8", func(w *rollUpRow) uint64 { return uint64(w.kind) }, 1)
	symbols("protocol", func(w *rollUpRow) span.Ref { return w.protocol })
	symbols("node", func(w *rollUpRow) span.Ref { return w.node })
	fixed("entity", "UInt64", func(w *rollUpRow) uint64 { return w.entity }, 8)
	fixed("client_entity", "UInt64", func(w *rollUpRow) uint64 { return w.client }, 8)
	fixed("server_entity", "UInt64", func(w *rollUpRow) uint64 { return w.server }, 8)
	fixed("count", "UInt64", func(w *rollUpRow) uint64 { return w.count }, 8)
	fixed("duration", "UInt64", func(w *rollUpRow) uint64 { return w.duration }, 8)
	fixed("retransmissions", "UInt64", func(w *rollUpRow) uint64 { return w.resent }, 8)
	b.header("histogram", "Map(UInt16, UInt64)")
	end := uint64(0)
	for i := range r.list {
		end += uint64(len(r.list[i].slots))
		b.u64(end)
	}
	for i := range r.list {
		for _, s := range r.list[i].slots {
			b.buf = binary.LittleEndian.AppendUint16(b.buf, s)
		}
	}
	for i := range r.list {
		for _, c := range r.list[i].counts {
			b.u64(c)
		}
	}
}
