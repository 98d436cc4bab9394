package jaeger

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
)

// Translator writes batches as an ExportTraceServiceRequest.
type Translator struct {
	*protobuf.Writer
	// Passed says that another than the process itself may have sent the spans: their address is what it says
	// then.
	Passed bool

	spans                        int
	open                         []int  // where the messages around the spans began
	process, scope, scopeVersion []byte // of which they are
}

// Post writes the spans of a PostSpansRequest.
func (t *Translator) Post(b []byte) error {
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		if b = rest; !f.Is(1, protowire.BytesType) {
			continue
		}
		if err := t.batch(f.Bytes); err != nil {
			return err
		}
	}
	t.end()
	return nil
}

// batch writes the spans of a Batch, whose process may stand behind them.
func (t *Translator) batch(b []byte) error {
	var process []byte
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		if rest = after; f.Is(2, protowire.BytesType) {
			process = f.Bytes
		}
	}
	for rest := b; len(rest) > 0; {
		f, after, err := protobuf.Next(rest)
		if err != nil {
			return err
		}
		if rest = after; !f.Is(1, protowire.BytesType) {
			continue
		}
		if t.spans++; t.spans > otlp.MaxSpans {
			return otlp.ErrTooMany
		}
		if err := t.span(process, f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// of begins the resource and scope of a span, unless the spans before are of the same.
func (t *Translator) of(s *header) error {
	if len(t.open) > 0 && bytes.Equal(s.process, t.process) && bytes.Equal(s.scope, t.scope) && bytes.Equal(s.scopeVersion, t.scopeVersion) {
		return nil
	}
	t.end()
	t.process, t.scope, t.scopeVersion = s.process, s.scope, s.scopeVersion
	t.open = append(t.open, t.Open(1)) // resource_spans
	at := t.Open(1)                    // resource
	if err := t.resource(s.process); err != nil {
		return err
	}
	t.Close(at)
	t.open = append(t.open, t.Open(2)) // scope_spans
	at = t.Open(1)                     // scope
	t.Bytes(1, s.scope)
	t.Bytes(2, s.scopeVersion)
	t.Close(at)
	return nil
}

// resource writes a Process.
func (t *Translator) resource(b []byte) error {
	for len(b) > 0 {
		f, rest, err := protobuf.Next(b)
		if err != nil {
			return err
		}
		switch b = rest; {
		case f.Is(1, protowire.BytesType):
			if len(f.Bytes) > 0 {
				t.Attribute(1, "service.name", f.Bytes)
			}
		case f.Is(2, protowire.BytesType):
			tag, err := readTag(f.Bytes)
			if err != nil {
				return err
			}
			t.processTag(&tag)
		}
		if err := t.Grown(); err != nil {
			return err
		}
	}
	return nil
}

// end ends the messages around the spans.
func (t *Translator) end() {
	for i := len(t.open) - 1; i >= 0; i-- {
		t.Close(t.open[i])
	}
	t.open = t.open[:0]
}
