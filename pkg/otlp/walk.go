package otlp

import (
	"errors"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// walk reads an ExportTraceServiceRequest.
func (d *Decoder) walk(b []byte) error {
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		if tag == 1<<3|length { // resource_spans
			if err := d.walkResourceSpans(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// walkResourceSpans looks for the resource first: it may come after the spans.
func (d *Decoder) walkResourceSpans(b []byte) error {
	d.beginResource()
	var res message
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 1<<3 | length: // resource
			res.add(p)
		case 3<<3 | length: // schema_url
			d.of().schemaURL = d.url(p)
		}
	}
	r, err := d.resources.get(res.bytes, func() (*resource, error) { return d.walkResource(res.bytes) })
	if err != nil {
		return err
	}
	d.enter(r)
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		at = next
		if tag == 2<<3|length { // scope_spans
			if err := d.walkScopeSpans(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// walkScopeSpans looks for the scope first: it may come after the spans.
func (d *Decoder) walkScopeSpans(b []byte) error {
	scope := d.beginScope()
	var name, version []byte
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		var err error
		switch tag {
		case 1<<3 | length: // scope
			err = d.walkScope(p, &name, &version, scope)
		case 3<<3 | length: // schema_url
			scope.schemaURL = d.url(p)
		}
		if err != nil {
			return err
		}
	}
	d.scopeName, d.scopeVersion = d.batch.Strings.RefBytes(name), d.batch.Strings.RefBytes(version)
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		at = next
		if tag == 2<<3|length { // spans
			if err := d.walkSpan(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Decoder) walkScope(b []byte, name, version *[]byte, scope *sentScope) error {
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		var err error
		switch tag {
		case 1<<3 | length:
			*name = d.text(p)
		case 2<<3 | length:
			*version = d.text(p)
		case 3<<3 | length: // attributes
			var key []byte
			var v value
			if key, v, err = d.keyValue(p); err == nil {
				if err = d.flatten(&v); err == nil {
					d.keepScopeAttribute(scope, key, &v)
				}
			}
		case 4<<3 | varint: // dropped_attributes_count
			scope.dropped = uint32(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Decoder) walkSpan(b []byte) error {
	d.beginRow()
	r := &d.row
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		var err error
		switch tag {
		case 9<<3 | length: // attributes
			err = d.walkAttribute(p)
		case 1<<3 | length:
			r.traceID = p
		case 2<<3 | length:
			r.spanID = p
		case 3<<3 | length:
			r.traceState = d.text(p)
		case 4<<3 | length:
			r.parentID = p
		case 5<<3 | length:
			r.name = d.text(p)
		case 6<<3 | varint:
			r.setKind(int64(int32(n)))
		case 7<<3 | fixed64:
			r.start = n
		case 8<<3 | fixed64:
			r.end = n
		case 11<<3 | length:
			err = d.walkEvent(p)
		case 13<<3 | length:
			err = d.walkLink(p)
		case 15<<3 | length:
			err = d.walkStatus(p)
		case 10<<3 | varint:
			r.sent.attributes = uint32(n)
		case 12<<3 | varint:
			r.sent.events = uint32(n)
		case 14<<3 | varint:
			r.sent.links = uint32(n)
		case 16<<3 | fixed32:
			r.sent.flags = uint32(n)
		}
		if err != nil {
			return err
		}
	}
	return d.endRow()
}

// setKind keeps a kind that nobody knows as the number it is. Of several the last counts.
func (r *row) setKind(n int64) {
	r.sent.kind = 0
	if r.kind = kindOf(n); int64(r.kind) != n {
		r.sent.kind = int32(n)
	}
}

func kindOf(n int64) span.Kind {
	if n < 0 || n > int64(span.KindConsumer) {
		return span.KindUnspecified
	}
	return span.Kind(n)
}

func (d *Decoder) walkAttribute(b []byte) error {
	key, v, err := d.keyValue(b)
	if err != nil {
		return err
	}
	if err := d.flatten(&v); err != nil {
		return err
	}
	d.attribute(key, &v)
	return nil
}

// flatten makes JSON text of an array or map, in the row's arena.
func (d *Decoder) flatten(v *value) (err error) {
	if v.kind != valueArray && v.kind != valueList {
		return nil
	}
	from := len(d.row.arena)
	d.row.arena, err = d.appendAny(d.row.arena, *v, maxDepth, from+maxText)
	switch {
	case errors.Is(err, errLong):
		*v, d.row.arena = value{kind: valueLong}, d.row.arena[:from]
		return nil
	case err != nil:
		return err
	}
	*v = value{kind: valueJSON, text: d.row.arena[from:]}
	return nil
}

func (d *Decoder) walkStatus(b []byte) error {
	r := &d.row
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 2<<3 | length:
			r.message = d.text(p)
		case 3<<3 | varint:
			r.status = uint64(uint32(n))
		}
	}
	return nil
}

// walkEvent writes an event as JSON. Its attributes go behind its time and name, which
// may come later: so they are walked twice.
func (d *Decoder) walkEvent(b []byte) error {
	r := &d.row
	if r.full(r.events, &r.counts.events, maxEvents) {
		r.cut.events++
		return nil
	}
	var name []byte
	var time uint64
	var dropped uint32
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 1<<3 | fixed64:
			time = n
		case 2<<3 | length:
			name = d.text(p)
		case 4<<3 | varint:
			dropped = uint32(n)
		}
	}
	if len(r.events)+len(name) > maxText {
		r.cut.events++
		return nil
	}
	r.events = append(element(r.events), `{"time":`...)
	r.events = strconv.AppendUint(r.events, time, 10)
	r.events = appendQuoted(append(r.events, `,"name":`...), name)
	var typ, message []byte
	var more uint32
	err := error(nil)
	r.events, more, err = d.appendAttributes(r.events, b, 3<<3|length, func(key []byte, v *value) {
		switch {
		case v.kind != valueString:
		case string(key) == "exception.type":
			typ = v.text
		case string(key) == "exception.message":
			message = v.text
		}
	})
	if string(name) == "exception" {
		r.exception(typ, message)
	}
	r.events = append(appendCount(r.events, "dropped", dropped+more), '}')
	return err
}

func (d *Decoder) walkLink(b []byte) error {
	r := &d.row
	if r.full(r.links, &r.counts.links, maxLinks) {
		r.cut.links++
		return nil
	}
	var traceID, spanID, state []byte
	var dropped, flags uint32
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 1<<3 | length:
			traceID = p
		case 2<<3 | length:
			spanID = p
		case 3<<3 | length:
			state = d.text(p)
		case 5<<3 | varint:
			dropped = uint32(n)
		case 6<<3 | fixed32:
			flags = uint32(n)
		}
	}
	if len(r.links)+len(state) > maxText {
		r.cut.links++
		return nil
	}
	r.links = beginLink(r.links, traceID, spanID, state)
	var more uint32
	err := error(nil)
	r.links, more, err = d.appendAttributes(r.links, b, 4<<3|length, nil)
	r.links = append(appendCount(appendCount(r.links, "dropped", dropped+more), "flags", flags), '}')
	return err
}

func beginLink(dst, traceID, spanID, state []byte) []byte {
	dst = appendHex(append(element(dst), `{"trace_id":`...), traceID)
	dst = appendHex(append(dst, `,"span_id":`...), spanID)
	if len(state) > 0 {
		dst = appendQuoted(append(dst, `,"trace_state":`...), state)
	}
	return dst
}

// appendAttributes writes the fields of b with this tag, all KeyValue, as a member
// "attributes" with a JSON object, and counts those that the limits leave out. see is shown each of
// the others.
func (d *Decoder) appendAttributes(dst, b []byte, want uint32, see func(key []byte, v *value)) (_ []byte, dropped uint32, err error) {
	dst = append(dst, `,"attributes":{`...)
	count, most := 0, len(dst)+maxText
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if at = next; tag != want {
			continue
		}
		key, v, err := d.keyValue(p)
		if err != nil {
			return dst, dropped, err
		}
		from := len(dst)
		if count >= maxAttributes || from+len(p) > most {
			dropped++
			continue
		}
		if count > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, key), ':')
		dst, err = d.appendAny(dst, v, maxDepth, most)
		switch {
		case errors.Is(err, errLong), err == nil && len(dst) > most:
			dst = dst[:from]
			dropped++
			continue
		case err != nil:
			return dst, dropped, err
		}
		if count++; see != nil {
			see(key, &v)
		}
	}
	return append(dst, '}'), dropped, nil
}
