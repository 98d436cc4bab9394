package saved

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// reader reads one file.
type reader struct {
	limits    Limits
	text      []byte
	format    Format
	decoder   *otlp.Decoder
	spans     []*span.Span
	ids       []string // of each span's trace
	resources map[uint64]span.Resource
	entities  map[uint64]span.Entity
	links     map[*span.Span]trace.Link
	beyond    int      // spans that are too many
	leftOut   []string // what else is not there
	foreign   int      // documents of another kind
}

// read reads one document after the other: most files have one, those of a collector one on
// each line.
func (r *reader) read() error {
	r.resources, r.entities, r.links = map[uint64]span.Resource{}, map[uint64]span.Entity{}, map[*span.Span]trace.Link{}
	if json.Valid(r.text) { // one document: its text need not be copied
		at := afterBlank(r.text, 0)
		whole := node{bytes.TrimRight(r.text[at:], " \t\r\n"), at}
		format, err := formatOf(whole)
		if err != nil {
			return err
		}
		return r.document(whole, format)
	}
	var unknown error // of the first document that is of no kind
	documents := json.NewDecoder(bytes.NewReader(r.text))
	for n := 0; ; n++ {
		var text json.RawMessage
		from := int(documents.InputOffset())
		err := documents.Decode(&text)
		switch {
		case errors.Is(err, io.EOF) && r.format == "":
			return unknown
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && n > 0 && len(r.spans) > 0 && errors.Is(err, io.ErrUnexpectedEOF):
			// Whoever writes a line after the other may be read while at it.
			r.leftOut = append(r.leftOut, fmt.Sprintf("the last document, which is cut off (%s)", r.place(len(r.text))))
			return nil
		case err != nil:
			return r.broken(err)
		}
		document := node{text, afterBlank(r.text, from)}
		format, err := formatOf(document)
		if err != nil { // a collector's file may have metrics between
			if r.foreign++; r.foreign > maxForeign {
				return fmt.Errorf("the file has more than %d documents without spans: %w", maxForeign, err)
			}
			unknown = cmp.Or(unknown, err)
			continue
		}
		if err := r.document(document, format); err != nil {
			return err
		}
	}
}

// maxForeign bounds the documents that are passed over.
const maxForeign = 1_000_000

// document reads one document. The first one says what the file is.
func (r *reader) document(n node, format Format) error {
	r.format = cmp.Or(r.format, format)
	return readers[format](r, n)
}

// room is how many spans more are read.
func (r *reader) room() int { return max(0, r.limits.Spans-len(r.spans)) }

// otlp reads a document of OTLP.
func (r *reader) otlp(n node) error {
	if n.is('[') {
		for m := range n.members() {
			if err := r.otlpRequest(m.node); err != nil {
				return err
			}
		}
		return nil
	}
	return r.otlpRequest(n)
}

func (r *reader) otlpRequest(n node) error {
	if isResourceSpans(names(n)) {
		const before, behind = `{"resourceSpans":[`, `]}`
		n = node{slices.Concat([]byte(before), n.text, []byte(behind)), n.at - len(before)}
	}
	d := r.empty()
	if err := d.JSON(n.text); err != nil {
		var syntax *otlp.SyntaxError
		if errors.As(err, &syntax) {
			return r.unreadable(n.at+syntax.Offset, errors.New(syntax.What))
		}
		return r.unreadable(n.at, err)
	}
	r.take(d)
	return nil
}

// request reads what another format was made into.
func (r *reader) request(request *coltrace.ExportTraceServiceRequest) error {
	body, err := proto.Marshal(request)
	if err != nil {
		return fmt.Errorf("the file was taken for %s and cannot be read: %w", r.format, err)
	}
	d := r.empty()
	if err := d.Protobuf(body); err != nil {
		return fmt.Errorf("the file was taken for %s and cannot be read: %w", r.format, err)
	}
	r.take(d)
	return nil
}

// empty is the decoder, which has read nothing: a file comes from nobody.
func (r *reader) empty() *otlp.Decoder {
	if r.decoder == nil {
		r.decoder = otlp.NewFileDecoder(r.limits.Spans)
	}
	r.decoder.Reset("", "", netip.Addr{})
	return r.decoder
}

func (r *reader) take(d *otlp.Decoder) {
	for _, resource := range d.Batch().OTelResources {
		r.resources[resource.ID] = resource
	}
	for s := range d.Batch().Spans() {
		if r.room() == 0 {
			r.beyond++
			continue
		}
		r.ids = append(r.ids, s.TraceID.String()) // before it becomes a hop, whose own id may be another
		resource := r.resources[s.OTelResource].Attributes
		if !r.hop(s, resource) {
			s.Entity = r.entity(sender(resource))
		}
		r.spans = append(r.spans, s)
	}
	r.beyond += d.Beyond()
	if _, why := d.Rejected(); why != "" {
		r.leftOut = append(r.leftOut, why)
	}
}

// unreadable says where a value of the file is not what its format has there.
func (r *reader) unreadable(at int, why error) error {
	return fmt.Errorf("the file was taken for %s and cannot be read at %s: %w. %s", r.format, r.place(at), why, Readable)
}

// decode reads a value of the file into a struct; path is where it is, such as "data[0].spans[7]".
func (r *reader) decode(n node, path string, into any) error {
	err := json.Unmarshal(n.text, into)
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		return r.unreadable(n.at+int(mistyped.Offset), fmt.Errorf("%s.%s is a %s, which it cannot be", path, mistyped.Field, mistyped.Value))
	}
	if err != nil {
		return r.unreadable(n.at, fmt.Errorf("%s: %w", path, err))
	}
	return nil
}

// broken says where the file stops being JSON.
func (r *reader) broken(err error) error {
	at := len(r.text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = int(syntax.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || at >= len(r.text) {
		return fmt.Errorf("the file is JSON that is cut off at %s: save or copy it again", r.place(len(r.text)))
	}
	return fmt.Errorf("the file is no JSON at %s: %w. %s", r.place(at), err, Readable)
}

// place is a line and column, from 1, as editors count.
func (r *reader) place(at int) string {
	before := r.text[:min(max(at, 0), len(r.text))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("line %d, column %d", line, len(before)-bytes.LastIndexByte(before, '\n'))
}
