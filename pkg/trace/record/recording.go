package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/throughline-io/throughline/pkg/span"
)

// Recording is part of a trace on its way to another program, which puts it beside what it has.
type Recording struct {
	Spans     []*span.Span
	Entities  []span.Entity
	Resources []span.Resource
	Said      Said
}

// Said is what is to be said of a recording.
type Said struct {
	Truncated string `json:"truncated,omitempty"` // what was left out and why; "" for nothing
	Complete  bool   `json:"complete,omitempty"`  // every request that the processes of its code were serving is in the trace
}

// Write writes it, what is said last: a recording without that was cut off.
func (r *Recording) Write(w io.Writer) error {
	if err := Write(w, r.Spans, r.Entities); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	for i := range r.Resources {
		if err := enc.Encode(recordLine{Resource: &r.Resources[i]}); err != nil {
			return fmt.Errorf("write resource %d: %w", i, err)
		}
	}
	if err := enc.Encode(recordLine{Said: &r.Said}); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// ReadRecording reads one. It passes over fields that it does not know: the two programs may be of two versions.
func ReadRecording(from io.Reader) (*Recording, error) {
	r := &Recording{}
	dec := json.NewDecoder(from)
	for n := 1; ; n++ {
		var l recordLine
		err := dec.Decode(&l)
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("read recording: it ends early")
		case err != nil:
		case l.Said != nil:
			r.Said = *l.Said
			return r, nil
		case l.Resource != nil:
			r.Resources = append(r.Resources, *l.Resource)
		case l.Entity != nil:
			r.Entities = append(r.Entities, *l.Entity)
		case l.Span != nil:
			var s *span.Span
			if s, err = decodeSpan(l.Span, false); err == nil {
				r.Spans = append(r.Spans, s)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("read recording: line %d: %w", n, err)
		}
	}
}
