package otlp

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// toJSON writes a protobuf request in JSON, by the collector's code.
func toJSON(t testing.TB, body []byte) []byte {
	t.Helper()
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJSONGivesTheSameRowsAsProtobuf(t *testing.T) {
	t.Parallel()
	body := marshal(t, sample())
	want, got := newDecoder(), newDecoder()
	if err := want.Protobuf(body); err != nil {
		t.Fatal(err)
	}
	text := toJSON(t, body)
	if err := got.JSON(text); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := got.batch.Check(); err != nil {
		t.Fatal(err)
	}
	if d := diffBatches(want, got); d != "" {
		t.Error(d)
	}
}

// written is a request as the OTLP specification prints its example, with one span.
func written(span string) string {
	return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc-item"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[` + span + `]}]}]}`
}

const plainSpan = `{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"I'm a server span",` +
	`"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","kind":2,"attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}},{"key":"n","value":{"intValue":"7"}}],"status":{"code":2,"message":"m"}}`

func TestJSONWrittenInOtherWaysMeansTheSame(t *testing.T) {
	t.Parallel()
	want := newDecoder()
	if err := want.JSON([]byte(written(plainSpan))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"white space":                strings.NewReplacer(`{`, " {\n", `:`, " :\t", `,`, "\r\n, ").Replace(written(plainSpan)),
		"the resource last":          `{"resourceSpans":[{"scopeSpans":[{"spans":[` + plainSpan + `],"scope":{"name":"lib"}}],"resource":{"attributes":[{"value":{"stringValue":"svc-item"},"key":"service.name"}]}}]}`,
		"names as in the .proto":     strings.NewReplacer("traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id", "startTimeUnixNano", "start_time_unix_nano", "endTimeUnixNano", "end_time_unix_nano", "resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "stringValue", "string_value", "intValue", "int_value").Replace(written(plainSpan)),
		"lower case ids":             written(strings.ReplaceAll(strings.ReplaceAll(plainSpan, "5B8EFFF798038103D269B633813FC60C", "5b8efff798038103d269b633813fc60c"), "EEE19B7EC3C1B17", "eee19b7ec3c1b17")),
		"numbers instead of strings": written(strings.NewReplacer(`"1544712660000000000"`, `1544712660000000000`, `"1544712661000000000"`, `1544712661000000000`, `"7"`, `7`).Replace(plainSpan)),
		"numbers with exponents":     written(strings.NewReplacer(`"1544712660000000000"`, `154471266e10`, `"1544712661000000000"`, `1.544712661E+18`).Replace(plainSpan)),
		"names of enums":             written(strings.NewReplacer(`"kind":2`, `"kind":"SPAN_KIND_SERVER"`, `"code":2`, `"code":"STATUS_CODE_ERROR"`).Replace(plainSpan)),
		"unknown fields":             written(strings.Replace(plainSpan, `"kind"`, `"new":{"a":[1,2.5e-3,true,false,null,"x\u0041"]},"kind"`, 1)),
		"escapes":                    strings.NewReplacer(`my.span.attr`, `my\u002espan.attr`, `some value`, `some\u0020value`, `"spans"`, `"sp\u0061ns"`).Replace(written(plainSpan)),
		"null instead of no value":   written(strings.Replace(plainSpan, `"kind"`, `"links":null,"events":null,"traceState":null,"droppedLinksCount":null,"kind"`, 1)),
	} {
		got := newDecoder()
		if err := got.JSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := diffBatches(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestJSONThatIsNoRequestIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                  ``,
		"an array":                 `[]`,
		"null":                     `null`,
		"two values":               `{}{}`,
		"a comma too many":         `{"resourceSpans":[],}`,
		"spans that are text":      `{"resourceSpans":"x"}`,
		"a string without end":     `{"resourceSpans`,
		"a raw control":            "{\"a\":\"\n\"}",
		"a bad escape":             `{"a":"\x"}`,
		"half an escape":           `{"a":"\u00"}`,
		"a leading zero":           `{"a":01}`,
		"a lone minus":             `{"a":-}`,
		"a time that is text":      written(strings.Replace(plainSpan, "1544712660000000000", "noon", 1)),
		"a time in hex":            written(strings.Replace(plainSpan, `"1544712660000000000"`, `"0x10p3"`, 1)),
		"a time below zero":        written(strings.Replace(plainSpan, `"1544712660000000000"`, `-1`, 1)),
		"a kind nobody knows":      written(strings.Replace(plainSpan, `"kind":2`, `"kind":"SPAN_KIND_X"`, 1)),
		"a bool in quotes":         written(strings.Replace(plainSpan, `{"intValue":"7"}`, `{"boolValue":"true"}`, 1)),
		"bytes that are no base64": written(strings.Replace(plainSpan, `{"intValue":"7"}`, `{"bytesValue":"%%"}`, 1)),
		"nested without end":       `{"a":` + strings.Repeat("[", 100_000),
	} {
		d := newDecoder()
		if err := d.JSON([]byte(text)); err == nil || !strings.Contains(err.Error(), "OTLP's JSON") {
			t.Errorf("%s: error %v", name, err)
		}
		if d.batch.Len() != 0 || d.batch.Check() != nil {
			t.Errorf("%s: %d spans stay, check: %v", name, d.batch.Len(), d.batch.Check())
		}
	}
}

func TestJSONSpansWithBadIdsAreLeftOut(t *testing.T) {
	t.Parallel()
	for id, why := range map[string]string{
		"":                                 "trace_id has 0 bytes",
		"00000000000000000000000000000000": "trace_id is zero",
		"5B8EFFF798038103":                 "trace_id has 8 bytes",
		"W47/95gDgQPSabYzgT/GDA==":         "trace_id is not hex", // base64, as protobuf's own JSON would have it
	} {
		d := newDecoder()
		bad := strings.Replace(plainSpan, "5B8EFFF798038103D269B633813FC60C", id, 1)
		if err := d.JSON([]byte(written(plainSpan + "," + bad))); err != nil {
			t.Errorf("%q: %v", id, err)
		}
		if d.batch.Len() != 1 || d.rejected != 1 || !strings.Contains(d.rejection(), why) {
			t.Errorf("%q: %d spans, %s", id, d.batch.Len(), d.rejection())
		}
	}
}

func TestEveryShortPrefixOfJSONFails(t *testing.T) {
	t.Parallel()
	text := toJSON(t, marshal(t, sample()))
	for n := range text {
		d := newDecoder()
		if err := d.JSON(text[:n:n]); err == nil {
			t.Fatalf("%d of %d bytes are accepted", n, len(text))
		}
		if d.batch.Len() != 0 || d.batch.Check() != nil {
			t.Fatalf("%d of %d bytes: %d spans stay, check: %v", n, len(text), d.batch.Len(), d.batch.Check())
		}
	}
}

func TestDeepJSONValuesAreCutOffAsInProtobuf(t *testing.T) {
	t.Parallel()
	for depth := maxDepth - 2; depth < maxDepth+3; depth++ {
		v := strValue("core")
		for i := range depth {
			if i%2 == 0 {
				v = array("", v).Value
			} else {
				kv := str("k", "")
				kv.Value = v
				v = list("", kv).Value
			}
		}
		s := server()
		s.Attributes[0].Value = v
		body := marshal(t, request(s))
		want, got := newDecoder(), newDecoder()
		if err := want.Protobuf(body); err != nil {
			t.Fatal(err)
		}
		if err := got.JSON(toJSON(t, body)); err != nil {
			t.Fatal(err)
		}
		if d := diffBatches(want, got); d != "" {
			t.Errorf("depth %d: %s", depth, d)
		}
	}
}

// FuzzJSON: what is accepted makes whole rows; what the collector accepts is accepted.
func FuzzJSON(f *testing.F) {
	f.Add(toJSON(f, marshal(f, sample())))
	f.Add([]byte(written(plainSpan)))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := newDecoder()
		err := d.JSON(text)
		if check := d.batch.Check(); check != nil {
			t.Fatal(check)
		}
		if err != nil && d.batch.Len() != 0 {
			t.Fatalf("%d spans after an error", d.batch.Len())
		}
	})
}

// FuzzBothEncodings: a request gives the same rows in both.
func FuzzBothEncodings(f *testing.F) {
	f.Add("GET /x", "k", "v \n \"", int64(-1), 2.5, uint64(sampleStart), uint64(1), int32(2), true)
	f.Fuzz(func(t *testing.T, name, key, value string, n int64, x float64, start, length uint64, kind int32, b bool) {
		name, key, value = strings.ToValidUTF8(name, "?"), strings.ToValidUTF8(key, "?"), strings.ToValidUTF8(value, "?")
		if x != x || x-x != 0 {
			return // the collector writes NaN and infinities in its own way
		}
		s := server()
		s.Name, s.Kind, s.StartTimeUnixNano, s.EndTimeUnixNano = name, trace.Span_SpanKind(kind), start, start+length
		s.Attributes = append(s.Attributes, str(key, value), num(key, n), double(key, x), truth(key, b), blob(key, []byte(value)), list(key, str(key, value), array(key, numValue(n))))
		s.Events = []*trace.Span_Event{{Name: name, TimeUnixNano: length, Attributes: s.Attributes[13:]}}
		body := marshal(t, request(s))
		want, got := newDecoder(), newDecoder()
		if err := want.Protobuf(body); err != nil {
			t.Fatal(err)
		}
		if err := got.JSON(toJSON(t, body)); err != nil {
			t.Fatal(err)
		}
		if d := diffBatches(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	body, d := toJSON(b, benchmarkBody(b)), newDecoder()
	b.ReportAllocs()
	for b.Loop() {
		d.Reset("agent", "node0", peerAddr)
		if err := d.JSON(body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/800, "ns/span")
}
