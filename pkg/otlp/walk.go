package otlp

import (
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
			if err := text(p); err != nil {
				return err
			}
			d.of().schemaURL = p
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
			scope.schemaURL, err = p, text(p)
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
			*name, err = p, text(p)
		case 2<<3 | length:
			*version, err = p, text(p)
		case 3<<3 | length: // attributes
			var key []byte
			var v value
			if key, v, err = keyValue(p); err == nil {
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
			r.traceState, err = p, text(p)
		case 4<<3 | length:
			r.parentID = p
		case 5<<3 | length:
			r.name, err = p, text(p)
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
			err = r.walkStatus(p)
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

// setKind keeps a kind that nobody knows as the number it is.
func (r *row) setKind(n int64) {
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
	key, v, err := keyValue(b)
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
	if d.row.arena, err = appendAny(d.row.arena, *v, maxDepth); err != nil {
		return err
	}
	*v = value{kind: valueJSON, text: d.row.arena[from:]}
	return nil
}

func (r *row) walkStatus(b []byte) error {
	for at := 0; at < len(b); {
		tag, p, n, next := field(b, at)
		if next < 0 {
			return errProto
		}
		at = next
		switch tag {
		case 2<<3 | length:
			if err := text(p); err != nil {
				return err
			}
			r.message = p
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
			if err := text(p); err != nil {
				return err
			}
			name = p
		case 4<<3 | varint:
			dropped = uint32(n)
		}
	}
	r.events = append(element(r.events), `{"time":`...)
	r.events = strconv.AppendUint(r.events, time, 10)
	r.events = appendQuoted(append(r.events, `,"name":`...), name)
	var typ, message []byte
	err := error(nil)
	r.events, err = appendAttributes(r.events, b, 3<<3|length, func(key []byte, v *value) {
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
	r.events = append(appendCount(r.events, "dropped", dropped), '}')
	return err
}

func (d *Decoder) walkLink(b []byte) error {
	r := &d.row
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
			if err := text(p); err != nil {
				return err
			}
			state = p
		case 5<<3 | varint:
			dropped = uint32(n)
		case 6<<3 | fixed32:
			flags = uint32(n)
		}
	}
	r.links = beginLink(r.links, traceID, spanID, state)
	err := error(nil)
	r.links, err = appendAttributes(r.links, b, 4<<3|length, nil)
	r.links = append(appendCount(appendCount(r.links, "dropped", dropped), "flags", flags), '}')
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
// "attributes" with a JSON object. see is shown each of them.
func appendAttributes(dst, b []byte, want uint32, see func(key []byte, v *value)) ([]byte, error) {
	dst = append(dst, `,"attributes":{`...)
	first := true
	for at := 0; at < len(b); {
		tag, p, _, next := field(b, at)
		if at = next; tag != want {
			continue
		}
		key, v, err := keyValue(p)
		if err != nil {
			return dst, err
		}
		if see != nil {
			see(key, &v)
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendQuoted(dst, key), ':')
		if dst, err = appendAny(dst, v, maxDepth); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}
