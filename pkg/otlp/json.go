package otlp

import (
	"encoding/hex"
	"math"

	"github.com/throughline-io/throughline/pkg/span"
)

// JSON reads an ExportTraceServiceRequest in OTLP's JSON: names in lowerCamelCase (or as
// in the .proto files), ids in hex, enums as numbers (or names), numbers of 64 bits as
// strings (or numbers).
func (d *Decoder) JSON(body []byte) error {
	d.row.arena = d.row.arena[:0]
	d.scan = scanner{body: body, text: &d.row.arena}
	if err := d.jsonRequest(); err != nil {
		d.batch.Truncate(0)
		return err
	}
	d.repaired += d.scan.repaired
	return d.pad()
}

func (d *Decoder) jsonRequest() error {
	s := &d.scan
	if s.peek() != '{' {
		return s.fail("no object")
	}
	err := s.object(func(key []byte) error { return d.jsonRequestMember(key, maxWrappers) })
	if err == nil && s.peek() != 0 {
		err = s.fail("more than one value")
	}
	return err
}

func (d *Decoder) jsonRequestMember(key []byte, wrappers int) error {
	s := &d.scan
	switch name := string(key); {
	case name == "resourceSpans", name == "resource_spans", d.file && name == oldResourceSpans:
		return s.array(d.jsonResourceSpans)
	case d.file && wrappers > 0 && wrapper(name) && s.peek() == '{':
		return s.object(func(key []byte) error { return d.jsonRequestMember(key, wrappers-1) })
	}
	return s.skip(maxNesting)
}

// jsonResourceSpans comes back to spans that stand before their resource.
func (d *Decoder) jsonResourceSpans() error {
	s := &d.scan
	d.beginResource()
	var early []int
	known := false
	err := s.object(func(key []byte) error {
		switch name := string(key); {
		case name == "resource":
			known = true
			return d.jsonResource()
		case name == "schemaUrl", name == "schema_url":
			url, err := s.string()
			d.of().schemaURL = d.keep(d.url(url))
			return err
		case name == "scopeSpans", name == "scope_spans", d.file && oldScopeSpans(name):
			if known {
				return s.array(d.jsonScopeSpans)
			}
			early = append(early, s.at)
		}
		return s.skip(maxNesting)
	})
	if err != nil || len(early) == 0 {
		return err
	}
	if !known {
		d.enter(new(resource))
	}
	end := s.at
	for _, s.at = range early {
		if err := s.array(d.jsonScopeSpans); err != nil {
			return err
		}
	}
	s.at = end
	return nil
}

func (d *Decoder) jsonResource() error {
	s := &d.scan
	s.peek()
	from := s.at
	if err := s.skip(maxNesting); err != nil {
		return err
	}
	end := s.at
	r, err := d.resources.get(s.body[from:end], func() (*resource, error) {
		s.at = from
		var attributes []span.Attribute
		var dropped, cut uint32
		bytes := 0
		var entities []span.EntityRef
		err := s.object(func(key []byte) (err error) {
			switch string(key) {
			case "droppedAttributesCount", "dropped_attributes_count":
				dropped, err = s.count()
				return err
			case "entityRefs", "entity_refs":
				entities, err = d.jsonEntityRefs()
				return err
			case "attributes":
			default:
				return s.skip(maxNesting)
			}
			return d.jsonAttributes(func(key []byte, v *value) error {
				text := d.attributeText(v)
				if bytes += len(key) + len(text); v.kind == valueLong || len(attributes) >= maxAttributes || bytes > maxText {
					cut++
					return nil
				}
				attributes = append(attributes, span.Attribute{Key: string(key), Value: string(text), Type: attributeTypes[v.kind]})
				return nil
			})
		})
		return newResource(attributes, dropped+cut, entities), err
	})
	if err != nil {
		return err
	}
	s.at = end
	d.enter(r)
	return nil
}

// jsonScopeSpans comes back to spans that stand before their scope.
func (d *Decoder) jsonScopeSpans() error {
	s := &d.scan
	var early []int
	known := false
	d.scopeName, d.scopeVersion = 0, 0
	scope := d.beginScope()
	err := s.object(func(key []byte) error {
		switch name := string(key); {
		case name == "scope", d.file && oldScope(name):
			known = true
			return d.jsonScope(scope)
		case name == "schemaUrl", name == "schema_url":
			url, err := s.string()
			scope.schemaURL = d.keep(d.url(url))
			return err
		case name == "spans":
			if known {
				return s.array(d.jsonSpan)
			}
			early = append(early, s.at)
		}
		return s.skip(maxNesting)
	})
	if err != nil || len(early) == 0 {
		return err
	}
	end := s.at
	for _, s.at = range early {
		if err := s.array(d.jsonSpan); err != nil {
			return err
		}
	}
	s.at = end
	return nil
}

func (d *Decoder) jsonScope(scope *sentScope) error {
	s := &d.scan
	return s.object(func(key []byte) (err error) {
		to := &d.scopeName
		switch string(key) {
		case "name":
		case "version":
			to = &d.scopeVersion
		case "attributes":
			return d.jsonAttributes(func(key []byte, v *value) error {
				d.keepScopeAttribute(scope, key, v)
				return nil
			})
		case "droppedAttributesCount", "dropped_attributes_count":
			scope.dropped, err = s.count()
			return err
		default:
			return s.skip(maxNesting)
		}
		v, err := s.string()
		*to = d.batch.Strings.RefBytes(v)
		return err
	})
}

func (d *Decoder) jsonSpan() error {
	d.beginRow()
	if err := d.scan.object(d.jsonSpanMember); err != nil {
		return err
	}
	return d.endRow()
}

func (d *Decoder) jsonSpanMember(key []byte) (err error) {
	s, r := &d.scan, &d.row
	switch string(key) {
	case "traceId", "trace_id":
		r.traceID, err = d.jsonID("trace_id")
	case "spanId", "span_id":
		r.spanID, err = d.jsonID("span_id")
	case "parentSpanId", "parent_span_id":
		r.parentID, err = d.jsonID("parent_span_id")
	case "traceState", "trace_state":
		r.traceState, err = s.string()
	case "name":
		r.name, err = s.string()
	case "kind":
		var n int64
		n, err = s.enum(spanKinds)
		r.setKind(n)
	case "startTimeUnixNano", "start_time_unix_nano":
		r.start, err = s.unsigned()
	case "endTimeUnixNano", "end_time_unix_nano":
		r.end, err = s.unsigned()
	case "attributes":
		err = d.jsonAttributes(func(key []byte, v *value) error {
			d.attribute(key, v)
			return nil
		})
	case "events":
		err = s.array(d.jsonEvent)
	case "links":
		err = s.array(d.jsonLink)
	case "status":
		err = s.object(d.jsonStatusMember)
	case "flags":
		r.sent.flags, err = s.count()
	case "droppedAttributesCount", "dropped_attributes_count":
		r.sent.attributes, err = s.count()
	case "droppedEventsCount", "dropped_events_count":
		r.sent.events, err = s.count()
	case "droppedLinksCount", "dropped_links_count":
		r.sent.links, err = s.count()
	default:
		err = s.skip(maxNesting)
	}
	return err
}

var (
	spanKinds   = []string{"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"}
	statusCodes = []string{"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"}
)

// enum reads a number or the name of one.
func (s *scanner) enum(names []string) (int64, error) {
	if s.null() {
		return 0, nil
	}
	if s.peek() != '"' {
		return s.signed()
	}
	name, err := s.string()
	if err != nil {
		return 0, err
	}
	for i, n := range names {
		if n == string(name) {
			return int64(i), nil
		}
	}
	if n, ok := decimal(name); ok && n <= math.MaxInt32 {
		return int64(n), nil
	}
	return 0, s.fail("an unknown name of an enum")
}

func (d *Decoder) jsonStatusMember(key []byte) (err error) {
	s, r := &d.scan, &d.row
	switch string(key) {
	case "message":
		r.message, err = s.string()
	case "code":
		var n int64
		n, err = s.enum(statusCodes)
		r.status = uint64(uint32(n))
	default:
		err = s.skip(maxNesting)
	}
	return err
}

// jsonID reads an id in hex. One that is no hex makes the span invalid, not the request.
func (d *Decoder) jsonID(what string) ([]byte, error) {
	t, err := d.scan.string()
	if err != nil {
		return nil, err
	}
	if d.file && inBase64(t) {
		t = hexOfBase64(t)
	}
	begin := len(d.row.arena)
	out, err := hex.AppendDecode(d.row.arena, t)
	if err != nil {
		d.row.problem = what + " is not hex, as OTLP's JSON has ids"
		return nil, nil
	}
	d.row.arena = out
	return out[begin:len(out):len(out)], nil
}
