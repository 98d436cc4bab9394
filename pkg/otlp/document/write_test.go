package document_test

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/test/shapes"
)

// full is a span with a value of every type in every place.
const full = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"pay"}},{"key":"process.pid","value":{"intValue":"77"}},
	{"key":"process.command_args","value":{"arrayValue":{"values":[{"stringValue":"a"}]}}}]},
  "scopeSpans":[{"scope":{"name":"otelhttp","version":"0.58.0"},"spans":[
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":"00f067aa0ba902b6","traceState":"vendor=1","name":"charge","kind":2,
    "startTimeUnixNano":"1790000000000000001","endTimeUnixNano":"1790000000000000099","status":{"code":2,"message":"no \"stock\"\n"},
    "attributes":[{"key":"t","value":{"boolValue":true}},{"key":"n","value":{"intValue":"-9223372036854775808"}},{"key":"whole","value":{"doubleValue":44}},{"key":"half","value":{"doubleValue":0.5}},
     {"key":"nan","value":{"doubleValue":"NaN"}},{"key":"raw","value":{"bytesValue":"AP8B"}},{"key":"twice","value":{"stringValue":"a"}},{"key":"twice","value":{"stringValue":"b"}},
     {"key":"list","value":{"arrayValue":{"values":[{"intValue":"9007199254740993"},{"doubleValue":2},{},{"kvlistValue":{"values":[{"key":"b","value":{"stringValue":"x"}},{"key":"a","value":{"boolValue":false}}]}}]}}}],
    "events":[{"timeUnixNano":"1790000000000000005","name":"retry","attributes":[{"key":"z","value":{"intValue":"2"}},{"key":"cost","value":{"doubleValue":3}},{"key":"a","value":{"stringValue":"é\n"}}]},{"timeUnixNano":"1790000000000000006"}],
    "links":[{"traceId":"5bf92f3577b34da6a3ce929d0e0e4736","spanId":"10f067aa0ba902b7","traceState":"s=1","attributes":[{"key":"offset","value":{"intValue":"3"}}]}]},
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b8","name":"","startTimeUnixNano":"1790000000000000003","endTimeUnixNano":"1790000000000000003",
    "attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"http.response.status_code","value":{"intValue":"404"}}],"status":{"code":1}}]},
  {"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b9","name":"handled","startTimeUnixNano":"1790000000000000003","endTimeUnixNano":"1790000000000000004",
    "events":[{"timeUnixNano":"1790000000000000003","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"E"}},{"key":"exception.message","value":{"stringValue":"bad"}}]}]}]}]},
 {"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902ba","name":"of no resource","startTimeUnixNano":"1790000000000000003","endTimeUnixNano":"1790000000000000004"}]}]}]}`

// read makes spans of an OTLP document as the agent does of a request.
func read(t *testing.T, text []byte) *span.Batch {
	t.Helper()
	d := otlp.NewDecoder(new(otlp.Resources), false)
	d.Reset("agent", shapes.Node, netip.Addr{})
	if err := d.JSON(text); err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	if n, why := d.Rejected(); n > 0 {
		t.Fatal(why)
	}
	return d.Batch()
}

func items(b *span.Batch) []document.Item {
	resources := map[uint64][]span.Attribute{}
	for _, r := range b.OTelResources {
		resources[r.ID] = r.Attributes
	}
	var out []document.Item
	for s := range b.Spans() {
		out = append(out, document.Item{Span: s, Resource: resources[s.OTelResource]})
	}
	return out
}

func write(t *testing.T, list []document.Item) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := document.Write(&out, list); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sorted are the spans with the attributes of their resources, by id.
func sorted(b *span.Batch) []document.Item {
	list := items(b)
	slices.SortStableFunc(list, func(a, b document.Item) int { return strings.Compare(a.Span.SpanID.String(), b.Span.SpanID.String()) })
	return list
}

var equal = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(span.Span{}, "Agent")}

func TestWhatWasWrittenIsReadAsTheSameSpans(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	sent := map[string]*span.Batch{"every type of value": read(t, []byte(full))}
	for _, name := range shapes.Names() {
		sent[name] = shapes.Batch(shapes.Make(name, base, shapes.Small))
	}
	for name, batch := range sent {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := write(t, items(batch))
			if diff := cmp.Diff(sorted(batch), sorted(read(t, text)), equal); diff != "" {
				t.Errorf("sent (-), written and read again (+):\n%s", diff)
			}
			other, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(text) // the collector's reader
			if err != nil || other.SpanCount() != batch.Len() {
				t.Errorf("the collector reads %d spans of %d: %v", other.SpanCount(), batch.Len(), err)
			}
		})
	}
}

// Written twice it is the same document: nothing wears off.
func TestWritingIsStable(t *testing.T) {
	t.Parallel()
	once := write(t, items(read(t, []byte(full))))
	twice := write(t, items(read(t, once)))
	if !bytes.Equal(once, twice) {
		t.Errorf("once:\n%s\ntwice:\n%s", once, twice)
	}
	for _, want := range []string{`"doubleValue":44`, `"intValue":"9007199254740993"`, `"traceState":"vendor=1"`, `"parentSpanId":"00f067aa0ba902b6"`, `"bytesValue":"AP8B"`} {
		if !bytes.Contains(once, []byte(want)) {
			t.Errorf("%s is missing in\n%s", want, once)
		}
	}
	if bytes.Contains(once, []byte(`E: bad`)) {
		t.Error("a handled exception became the status' message")
	}
}

func TestManySpansOfOneResourceAreAllWritten(t *testing.T) {
	t.Parallel()
	batch := shapes.Batch(shapes.Make("deep", time.Unix(1_790_000_000, 0), shapes.Full))
	if got := read(t, write(t, items(batch))).Len(); got != batch.Len() {
		t.Errorf("%d of %d spans were written", got, batch.Len())
	}
	if got := string(write(t, nil)); got != `{"resourceSpans":[]}` {
		t.Errorf("no spans are written as %s", got)
	}
}

func TestEventsThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	for _, s := range []*span.Span{{Events: "{"}, {Links: "["}} {
		if err := document.Write(new(bytes.Buffer), []document.Item{{Span: s}}); err == nil {
			t.Errorf("%+v was written", s)
		}
	}
}
