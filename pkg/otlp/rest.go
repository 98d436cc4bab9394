package otlp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"

	common "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// rest is what was sent of a row beside its columns. Rows of one scope are mostly alike in it,
// so texts (span.Rest) are made only when it changes, once the whole request was read: a
// schema's URL stands behind the spans.
type rest struct {
	flags, attributes, events, links uint32 // the latter: dropped
	kind                             int32  // that nobody knows; 0: it is known
	status                           int8   // code that does not follow from the columns, plus 1; 0: it does
	message                          int8   // a status message was not sent (-1), was sent (1), as it follows (0)
	early                            bool   // the span ends before it starts
	end                              uint64 // then
	scope, resource                  int32  // places in the decoder's lists
}

// sentScope and sentResource are what was sent of them beside their columns.
type sentScope struct {
	schemaURL, attributes []byte // JSON members
	dropped, cut          uint32
}

type sentResource struct {
	schemaURL []byte
	dropped   uint32
	entities  []span.EntityRef
}

func (d *Decoder) resetRests() {
	d.referred.resources, d.referred.scopes, d.unsent = 0, 0, nil
	clear(d.scopes)
	clear(d.sentResources)
	d.rests, d.scopes, d.sentResources, d.kept = d.rests[:0], d.scopes[:0], d.sentResources[:0], d.kept[:0]
}

// beginResource takes the place of one that no row refers to: an empty one is two bytes on the wire.
func (d *Decoder) beginResource() {
	if n := len(d.sentResources); n > 0 && d.referred.resources < n {
		d.sentResources[n-1] = sentResource{}
		return
	}
	d.sentResources = append(d.sentResources, sentResource{})
}

// refer notes that a row refers to the resource and the scope that are being read.
func (d *Decoder) refer() {
	d.referred.resources, d.referred.scopes = len(d.sentResources), len(d.scopes)
	if d.unsent == nil {
		return
	}
	r := d.unsent
	d.unsent = nil
	if !d.sent[r.id] {
		if d.sent == nil {
			d.sent = map[uint64]bool{}
		}
		d.sent[r.id] = true
		d.batch.OTelResources = append(d.batch.OTelResources, r.row)
		d.resourcesSize += r.row.Size()
	}
}

// url is a schema's URL, which no sane one has longer.
func (d *Decoder) url(p []byte) []byte {
	if len(p) > maxURL {
		return nil
	}
	return d.text(p)
}

const maxURL = 2048

// of is the resource that is being read.
func (d *Decoder) of() *sentResource { return &d.sentResources[len(d.sentResources)-1] }

// beginScope is valid until the next one.
func (d *Decoder) beginScope() *sentScope {
	if n := len(d.scopes); n > 0 && d.referred.scopes < n {
		d.scopes[n-1] = sentScope{}
	} else {
		d.scopes = append(d.scopes, sentScope{})
	}
	return &d.scopes[len(d.scopes)-1]
}

// keep copies a text that must outlive its row.
func (d *Decoder) keep(text []byte) []byte {
	from := len(d.kept)
	d.kept = append(d.kept, text...)
	return d.kept[from:len(d.kept):len(d.kept)]
}

func (d *Decoder) keepScopeAttribute(scope *sentScope, key []byte, v *value) {
	from := len(scope.attributes)
	if v.kind == valueLong || from+len(key)+len(v.text) > maxScopeText {
		scope.cut++
		return
	}
	if from > 0 {
		scope.attributes = append(scope.attributes, ',')
	}
	scope.attributes = append(appendQuoted(scope.attributes, key), ':')
	if scope.attributes = appendScalar(scope.attributes, v); len(scope.attributes) > maxScopeText {
		scope.attributes, scope.cut = scope.attributes[:from], scope.cut+1
	}
}

// endRest finds out what does not follow from the columns of the row, whose request was read.
func (d *Decoder) endRest() {
	r, b := &d.row, d.batch
	n := len(b.Status) - 1
	if of := codesOf(b.Strings.String(b.Protocol[n])); r.status != statusCode(b.Status[n], of, b.Code[n], r.kind) && r.status < math.MaxInt8 {
		r.sent.status = int8(r.status) + 1
	}
	switch sent := len(r.message) > 0; {
	case r.said() == statusError && !sent && len(d.errorText()) > 0:
		r.sent.message = -1
	case r.status != statusError && sent && bytes.Equal(r.message, d.exceptionText()):
		r.sent.message = 1
	}
	if r.end < r.start {
		r.sent.early, r.sent.end = true, r.end
	}
	r.sent.attributes += r.cut.attributes
	r.sent.events += r.cut.events
	r.sent.links += r.cut.links
	if r.cut != (cut{}) {
		d.cut.add(r.cut)
	}
	d.refer()
	d.rests = append(d.rests, r.sent)
}

// writeRests fills the column.
func (d *Decoder) writeRests() error {
	var last rest
	var ref span.Ref
	for i, r := range d.rests {
		if i == 0 || r != last {
			d.scratch = d.appendRest(d.scratch[:0], &r)
			ref, last = d.batch.Strings.RefBytes(d.scratch), r
			if err := d.grown(); err != nil {
				return err
			}
		}
		d.batch.Rest.Add(ref)
	}
	return nil
}

// appendRest writes span.Rest as JSON; nothing where there is nothing.
func (d *Decoder) appendRest(dst []byte, r *rest) []byte {
	dst = appendCount(dst, "flags", r.flags)
	dst = appendCount(dst, "attributes", r.attributes)
	dst = appendCount(dst, "events", r.events)
	dst = appendCount(dst, "links", r.links)
	if r.kind != 0 {
		dst = strconv.AppendInt(append(dst, `,"kind":`...), int64(r.kind), 10)
	}
	if r.status != 0 {
		dst = strconv.AppendInt(append(dst, `,"status":`...), int64(r.status-1), 10)
	}
	if r.message != 0 {
		dst = strconv.AppendBool(append(dst, `,"message":`...), r.message > 0)
	}
	if r.early {
		dst = strconv.AppendUint(append(dst, `,"end":`...), r.end, 10)
	}
	if r.scope >= 0 {
		s := &d.scopes[r.scope]
		from := len(dst)
		dst = appendCount(appendURL(dst, s.schemaURL), "dropped", s.dropped+s.cut)
		if len(s.attributes) > 0 {
			dst = append(append(append(dst, `,"attributes":{`...), s.attributes...), '}')
		}
		dst = within(dst, from, "scope")
	}
	if r.resource >= 0 {
		s := &d.sentResources[r.resource]
		from := len(dst)
		dst = appendCount(appendURL(dst, s.schemaURL), "dropped", s.dropped)
		if len(s.entities) > 0 {
			if text, err := json.Marshal(s.entities); err == nil && len(text) <= maxScopeText { // strings alone
				dst = append(append(dst, `,"entities":`...), text...)
			}
		}
		dst = within(dst, from, "resource")
	}
	if len(dst) == 0 {
		return nil
	}
	dst[0] = '{' // for the first comma
	return append(dst, '}')
}

// within puts the members behind from into an object of that name, if there are any.
func within(dst []byte, from int, name string) []byte {
	if len(dst) == from {
		return dst
	}
	members := string(dst[from+1:])
	return append(append(append(append(append(dst[:from], `,"`...), name...), `":{`...), members...), '}')
}

// appendCount adds a member to an object that is not yet closed; none for zero.
func appendCount(dst []byte, name string, n uint32) []byte {
	if n == 0 {
		return dst
	}
	return strconv.AppendUint(append(append(append(dst, `,"`...), name...), `":`...), uint64(n), 10)
}

func appendURL(dst, url []byte) []byte {
	if len(url) == 0 {
		return dst
	}
	return appendQuoted(append(dst, `,"schema_url":`...), url)
}

// count reads a number of 32 bits: flags, or how many of something.
func (s *scanner) count() (uint32, error) {
	n, err := s.unsigned()
	if err == nil && n > math.MaxUint32 {
		err = s.fail("no whole number of 32 bits")
	}
	return uint32(n), err
}

// jsonEntityRefs reads a list of EntityRef. They are few, and read once for each resource.
func (d *Decoder) jsonEntityRefs() (list []span.EntityRef, err error) {
	s := &d.scan
	err = s.array(func() error {
		s.peek()
		from := s.at
		if err := s.skip(maxNesting); err != nil {
			return err
		}
		var ref common.EntityRef
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(s.body[from:s.at], &ref); err != nil {
			return s.fail(fmt.Sprintf("no reference to an entity (%v)", err))
		}
		list = append(list, span.EntityRef{SchemaURL: ref.SchemaUrl, Type: ref.Type, IDKeys: ref.IdKeys, DescriptionKeys: ref.DescriptionKeys})
		return nil
	})
	return list, err
}
