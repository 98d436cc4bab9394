package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// Empty events and links are two bytes on the wire and 45 in memory. A span has room for so many,
// in both encodings, and says how many it lost, as the SDKs do.
func TestWhatIsBeyondASpansLimitsIsCountedInItsDroppedCounts(t *testing.T) {
	t.Parallel()
	const more = 10
	s := server()
	s.Attributes = s.Attributes[:1]
	s.DroppedAttributesCount = 3
	for i := range maxAttributes + more - 1 {
		s.Attributes = append(s.Attributes, str(fmt.Sprint("k", i), "v"))
	}
	for range maxEvents + more {
		s.Events = append(s.Events, &trace.Span_Event{})
	}
	for range maxLinks + more {
		s.Links = append(s.Links, &trace.Span_Link{})
	}
	body := marshal(t, request(s))
	asProtobuf, asJSON := newDecoder(), newDecoder()
	if err := asProtobuf.Protobuf(body); err != nil {
		t.Fatal(err)
	}
	if err := asJSON.JSON(toJSON(t, body)); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Decoder{"protobuf": asProtobuf, "JSON": asJSON} {
		got := slices.Collect(d.batch.Spans())[0]
		rest, err := span.ReadRest(got.Rest)
		if err != nil || rest.DroppedAttributes != more+3 || rest.DroppedEvents != more || rest.DroppedLinks != more {
			t.Errorf("%s: dropped counts %+v, %v", name, rest, err)
		}
		events, err := span.ReadEvents(got.Events)
		if err != nil || len(events) != maxEvents || len(got.Attributes) != maxAttributes {
			t.Errorf("%s: %d events, %d attributes, %v", name, len(events), len(got.Attributes), err)
		}
		if w := d.Warning(); !strings.Contains(w, "10 events were left out") {
			t.Errorf("%s: warning %q", name, w)
		}
	}
}

// Values that grow: control characters to six bytes each, and arrays of nothing.
func TestLongValuesAreLeftOut(t *testing.T) {
	t.Parallel()
	nothing := array("array", slices.Repeat([]*common.AnyValue{{}}, maxText)...)
	control := str("control", strings.Repeat("\x01", maxText-100))
	for name, s := range map[string]*trace.Span{
		"an attribute":        {Attributes: []*common.KeyValue{nothing, str("small", "stays")}},
		"a text":              {Attributes: []*common.KeyValue{str("long", strings.Repeat("x", maxText+1)), str("small", "stays")}},
		"an event's":          {Events: []*trace.Span_Event{{Attributes: []*common.KeyValue{nothing, control, str("small", "stays")}}}},
		"a link's":            {Links: []*trace.Span_Link{{Attributes: []*common.KeyValue{nothing, control, control, str("small", "stays")}}}},
		"nested control text": {Attributes: []*common.KeyValue{list("l", control, control, control), str("small", "stays")}},
	} {
		s.TraceId, s.SpanId, s.StartTimeUnixNano = []byte("0123456789abcdef"), []byte("server01"), 1
		body := marshal(t, request(s))
		asProtobuf, asJSON := newDecoder(), newDecoder()
		if err := asProtobuf.Protobuf(body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := asJSON.JSON(toJSON(t, body)); err != nil {
			t.Errorf("%s, JSON: %v", name, err)
		}
		for _, d := range []*Decoder{asProtobuf, asJSON} {
			if size := d.Size(); size > 40*maxText {
				t.Errorf("%s: %d MiB are held", name, size>>20)
			}
			got := slices.Collect(d.batch.Spans())
			if len(got) != 1 || !strings.Contains(fmt.Sprint(got[0].Attributes, got[0].Events, got[0].Links), "stays") {
				t.Errorf("%s: what is short does not stay", name)
			}
		}
	}
}

// A request asks for the memory of its rows before it has taken it, and ends where there is none.
func TestADecoderAsksForTheMemoryItTakes(t *testing.T) {
	t.Parallel()
	one := again(2, marshal(t, &trace.Span{TraceId: []byte("0123456789abcdef"), SpanId: []byte("server01"), StartTimeUnixNano: 1}))
	body := again(1, again(2, bytes.Repeat(one, 50_000)))
	d := newDecoder()
	asked := 0
	d.Ask(func(n int) error { asked += n; return nil })
	if err := d.Protobuf(body); err != nil {
		t.Fatal(err)
	}
	if size := d.Size(); asked < size-2*step || asked > size+2*step {
		t.Errorf("%d bytes were asked for, %d are held", asked, size)
	}
	none := errors.New("no room")
	d.Reset("agent", "node", peerAddr)
	left := 1 << 20
	d.Ask(func(n int) error {
		if left -= n; left < 0 {
			return none
		}
		return nil
	})
	if err := d.Protobuf(body); !errors.Is(err, none) || d.batch.Len() != 0 {
		t.Errorf("error %v, %d spans", err, d.batch.Len())
	}
}

// Two bytes each: a resource's or scope's entry without spans, and a scope's attributes that each
// differing row would repeat.
func TestWhatNoSpanRefersToTakesNoMemory(t *testing.T) {
	t.Parallel()
	resource := again(1, again(1, marshal(t, str("k", "v"))))
	for name, body := range map[string][]byte{
		"empty resources": bytes.Repeat(again(1, nil), 500_000),
		"empty scopes":    again(1, bytes.Repeat(again(2, nil), 500_000)),
		"resources":       bytes.Repeat(again(1, resource), 100_000),
	} {
		d := newDecoder()
		if err := d.Protobuf(body); err != nil {
			t.Fatal(err)
		}
		if len(d.sentResources) > 1 || len(d.scopes) > 1 || len(d.batch.OTelResources) > 0 {
			t.Errorf("%s: %d resources, %d scopes, %d to be sent", name, len(d.sentResources), len(d.scopes), len(d.batch.OTelResources))
		}
	}
	r := request()
	r.ResourceSpans[0].ScopeSpans[0].Scope = &common.InstrumentationScope{Attributes: []*common.KeyValue{str("a", strings.Repeat("x", maxScopeText)), str("b", "stays")}}
	for i := range 1000 {
		s := server()
		s.Flags = uint32(i)
		r.ResourceSpans[0].ScopeSpans[0].Spans = append(r.ResourceSpans[0].ScopeSpans[0].Spans, s)
	}
	d := newDecoder()
	if err := d.Protobuf(marshal(t, r)); err != nil {
		t.Fatal(err)
	}
	if size := d.batch.Strings.Size(); size > 1<<20 {
		t.Errorf("the string table has %d KiB", size>>10)
	}
	rest, err := span.ReadRest(slices.Collect(d.batch.Spans())[0].Rest)
	if err != nil || rest.Scope.Dropped != 1 || len(rest.Scope.Attributes) != 1 {
		t.Errorf("rest of the scope %+v, %v", rest.Scope, err)
	}
}
