// Package record is the file format of recorded spans: JSON lines, as the HTTP API gives
// them and tests of assembly read them again.
package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// A recording is JSON lines, each a span or an entity:
//
//	{"span":{"ID":"705b7032…","Source":"SYS","Point":"c-p","Start":1767225600000000000,…}}
//	{"entity":{"id":…,"pod":"web-shop",…}}
//
// A span's fields are those of span.Span by their Go names, without those that are zero;
// ids are hex digits, and source and point their names. What is sent to another program (Recording) has lines of
// resources and of what is to be said of it, too. A field that this program does not
// know is an error: a test on a recording of another version would prove nothing.
type recordLine struct {
	Span   json.RawMessage `json:"span,omitempty"`
	Entity *span.Entity    `json:"entity,omitempty"`

	Resource *span.Resource `json:"resource,omitempty"`
	Said     *Said          `json:"said,omitempty"`
}

// Write writes a recording.
func Write(w io.Writer, spans []*span.Span, entities []span.Entity) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for i := range entities {
		if err := enc.Encode(recordLine{Entity: &entities[i]}); err != nil {
			return fmt.Errorf("write entity %d: %w", i, err)
		}
	}
	for i, s := range spans {
		b, err := encodeSpan(s)
		if err == nil {
			err = enc.Encode(recordLine{Span: b})
		}
		if err != nil {
			return fmt.Errorf("write span %d: %w", i, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// Read reads a recording.
func Read(r io.Reader) ([]*span.Span, []span.Entity, error) {
	var spans []*span.Span
	var entities []span.Entity
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	for n := 1; ; n++ {
		var l recordLine
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) {
			return spans, entities, nil
		}
		var s *span.Span
		switch {
		case err != nil:
		case l.Resource != nil || l.Said != nil || l.Entity != nil == (l.Span != nil):
			err = errors.New("want a span or an entity")
		case l.Entity != nil:
			entities = append(entities, *l.Entity)
			continue
		default:
			s, err = decodeSpan(l.Span, true)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read recording: line %d: %w", n, err)
		}
		spans = append(spans, s)
	}
}

// Lookup looks entities up by id, as trace.Print wants it.
func Lookup(entities []span.Entity) func(id uint64) *span.Entity {
	byID := make(map[uint64]*span.Entity, len(entities))
	for i := range entities {
		byID[entities[i].ID] = &entities[i]
	}
	return func(id uint64) *span.Entity { return byID[id] }
}

// encodeSpan is the span's fields that are not zero.
func encodeSpan(s *span.Span) (json.RawMessage, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, err
	}
	for name, v := range fields {
		switch string(v) {
		case "0", `""`, "null", "false":
			delete(fields, name)
		}
	}
	for name, v := range map[string]string{
		"ID": span.FormatID(s.ID), "Source": s.Source.String(), "Point": s.Point.String(),
		"TraceID": s.TraceID.String(), "SpanID": s.SpanID.String(), "ParentSpanID": s.ParentSpanID.String(),
	} {
		delete(fields, name)
		if v != "" {
			fields[name] = json.RawMessage(strconv.Quote(v))
		}
	}
	return json.Marshal(fields)
}

// decodeSpan is the inverse of encodeSpan; strict: a field that is not known is an error.
func decodeSpan(b json.RawMessage, strict bool) (*span.Span, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, err
	}
	s := &span.Span{}
	for _, f := range []struct {
		name string
		read func(v string) error
	}{
		{"ID", func(v string) (err error) { s.ID, err = strconv.ParseUint(v, 16, 64); return err }},
		{"Source", func(v string) (err error) { s.Source, err = span.ParseSource(v); return err }},
		{"Point", func(v string) (err error) { s.Point, err = span.ParsePoint(v); return err }},
		{"TraceID", func(v string) (err error) { s.TraceID, err = span.ParseTraceID(v); return err }},
		{"SpanID", func(v string) (err error) { s.SpanID, err = span.ParseSpanID(v); return err }},
		{"ParentSpanID", func(v string) (err error) { s.ParentSpanID, err = span.ParseSpanID(v); return err }},
	} {
		raw, ok := fields[f.name]
		if !ok {
			continue
		}
		delete(fields, f.name)
		var v string
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("field %s: %w", f.name, err)
		}
		if err := f.read(v); err != nil {
			return nil, fmt.Errorf("field %s: %w", f.name, err)
		}
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(rest))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(s); err != nil {
		return nil, err
	}
	return s, nil
}
