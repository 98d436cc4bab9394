package otlp

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// row is the span that is being read. Its attributes go to the batch's column at once;
// the rest is kept until the span is whole, for its fields come in any order and decide
// on one another.
type row struct {
	traceID, spanID, parentID     []byte
	traceState, name, message     []byte
	start, end                    uint64
	kind                          span.Kind
	status                        uint64
	events, links                 []byte // JSON arrays, not yet closed
	sent                          rest
	cut                           cut
	counts                        struct{ events, links int }
	problem                       string // found while reading: the span is invalid
	exceptionType, exceptionError []byte

	values [slots]value
	ranks  [slots]uint8 // 0: no value
	arena  []byte       // texts that are not in the request, such as arrays as JSON

	pairs int // where the row's attributes begin
	mark  span.TextMark
}

// beginRow forgets the row before. The lengths allow to take back a span's attributes
// without walking the column.
func (d *Decoder) beginRow() {
	r := &d.row
	r.traceID, r.spanID, r.parentID = nil, nil, nil
	r.traceState, r.name, r.message = nil, nil, nil
	r.start, r.end, r.kind, r.status = 0, 0, 0, 0
	r.events, r.links, r.arena = r.events[:0], r.links[:0], r.arena[:0]
	r.exceptionType, r.exceptionError, r.problem = nil, nil, ""
	r.ranks = [slots]uint8{}
	r.cut, r.counts.events, r.counts.links = cut{}, 0, 0
	r.sent = rest{scope: int32(len(d.scopes)) - 1, resource: int32(len(d.sentResources)) - 1}
	r.pairs, r.mark = len(d.batch.Attributes.Keys), d.batch.Attributes.Values.Mark()
}

// exception remembers what an event of that name says; the last one counts.
func (r *row) exception(typ, message []byte) {
	r.exceptionType, r.exceptionError = typ, message
}

// dropRow takes back the attributes of a span that is rejected.
func (d *Decoder) dropRow() {
	a := &d.batch.Attributes
	a.Keys.Truncate(d.row.pairs)
	a.Types.Truncate(d.row.pairs)
	a.Values.Rewind(d.row.mark)
}

// attribute adds one attribute to the row.
func (d *Decoder) attribute(key []byte, v *value) {
	r := &d.row
	text := d.attributeText(v)
	if v.kind == valueLong || !d.attributeFits(len(text)) {
		r.cut.attributes++
		return
	}
	ref := d.batch.Strings.RefBytes(key)
	d.batch.Attributes.AddPair(ref, text, attributeTypes[v.kind])
	if p := d.role(ref); p.slot != slotNone && p.rank > r.ranks[p.slot] && v.kind != valueNone {
		r.values[p.slot], r.ranks[p.slot] = *v, p.rank
	}
}

// attributeText is a value as it is stored, valid until the next call.
func (d *Decoder) attributeText(v *value) []byte {
	switch v.kind {
	case valueString, valueJSON:
		return v.text
	case valueBool:
		d.scratch = strconv.AppendBool(d.scratch[:0], v.num != 0)
	case valueInt:
		d.scratch = strconv.AppendInt(d.scratch[:0], int64(v.num), 10)
	case valueDouble:
		d.scratch = appendDouble(d.scratch[:0], v.num)
	case valueBytes:
		d.scratch = base64.StdEncoding.AppendEncode(d.scratch[:0], v.text)
	default:
		return nil
	}
	return d.scratch
}

// role is the meaning of a key, looked up once per batch and key.
func (d *Decoder) role(ref span.Ref) role {
	for int(ref) >= len(d.roles) {
		d.roles = append(d.roles, roles[d.batch.Strings.String(span.Ref(len(d.roles)))])
	}
	return d.roles[ref]
}

// element makes room for one more element of a JSON array that is not yet closed.
func element(list []byte) []byte {
	if len(list) == 0 {
		return append(list, '[')
	}
	return append(list, ',')
}

// full counts one more element of a JSON array, if there is room for it.
func (r *row) full(list []byte, count *int, most int) bool {
	if *count >= most || len(list) > maxText {
		return true
	}
	*count++
	return false
}

func closed(list []byte) []byte {
	if len(list) == 0 {
		return nil
	}
	return append(list, ']')
}

// invalid says what makes the row no valid span; "" if nothing does.
func (r *row) invalid() string {
	switch {
	case r.problem != "":
		return r.problem
	case len(r.traceID) != len(span.TraceID{}):
		return fmt.Sprintf("trace_id has %d bytes, want 16", len(r.traceID))
	case span.TraceID(r.traceID).IsZero():
		return "trace_id is zero"
	case len(r.spanID) != len(span.SpanID{}):
		return fmt.Sprintf("span_id has %d bytes, want 8", len(r.spanID))
	case span.SpanID(r.spanID).IsZero():
		return "span_id is zero"
	case len(r.parentID) != 0 && len(r.parentID) != len(span.SpanID{}):
		return fmt.Sprintf("parent_span_id has %d bytes, want 8 or none", len(r.parentID))
	case r.start == 0:
		return "start_time_unix_nano is missing"
	case r.start > math.MaxInt64 || r.end > math.MaxInt64:
		return "a time is after the year 2262"
	}
	return ""
}

// endRow appends the span to the batch, or rejects it.
func (d *Decoder) endRow() error {
	r := &d.row
	if why := r.invalid(); why != "" {
		d.reject(why)
		return nil
	}
	b := d.batch
	if b.Len() >= d.most {
		if !d.file {
			return ErrTooMany
		}
		d.dropRow()
		d.beyond++
		return nil
	}
	traceID, spanID := span.TraceID(r.traceID), span.SpanID(r.spanID)
	var parent span.SpanID
	copy(parent[:], r.parentID)
	start := int64(r.start)
	duration := uint64(0)
	if r.end > r.start { // an SDK's clock may step back; and an end may be missing
		duration = r.end - r.start
	}

	b.ID.Add(span.NewID(start, span.AppEntropy(traceID, spanID, r.kind)))
	b.Source.Add(span.APP)
	b.Point.Add(span.PointApp)
	b.Kind.Add(r.kind)
	b.TraceID.Add(traceID)
	b.SpanID.Add(spanID)
	b.ParentSpanID.Add(parent)
	b.TraceState.Add(r.traceState)
	b.Start.Add(start)
	b.Duration.Add(duration)

	b.Agent.Add(d.agent)
	b.Node.Add(d.node)
	b.PodIP.Add(span.As16(d.resource.pod))
	b.Service.Add(d.service)
	b.PID.Add(d.resource.pid)
	b.OTelResource.Add(d.resource.id)
	b.ScopeName.Add(d.scopeName)
	b.ScopeVersion.Add(d.scopeVersion)
	b.Endpoint.Add(b.Strings.RefBytes(r.name))

	d.request()
	d.ends(traceID, parent.IsZero(), start)

	d.endRest()

	b.Attributes.EndRow()
	b.Events.Add(closed(r.events))
	b.Links.Add(closed(r.links))
	return d.grown()
}
