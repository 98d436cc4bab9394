package saved_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/trace"
)

var limits = saved.Limits{Bytes: 8 << 20, Spans: 10_000}

const (
	otlpSpan   = `{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /a","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}`
	otlpFile   = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[` + otlpSpan + `]}]}]}`
	jaegerFile = `{"data":[{"traceID":"5b8efff798038103d269b633813fc60c","spans":[{"traceID":"5b8efff798038103d269b633813fc60c","spanID":"eee19b7ec3c1b174","operationName":"GET /a","references":[],"startTime":1544712660000000,"duration":1000000,"tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"otel.scope.name","type":"string","value":"lib"}],"logs":[],"processID":"p1","warnings":null}],"processes":{"p1":{"serviceName":"shop","tags":[]}},"warnings":null}],"total":0,"limit":0,"offset":0,"errors":null}`
	zipkinFile = `[{"traceId":"5b8efff798038103d269b633813fc60c","id":"eee19b7ec3c1b174","name":"GET /a","kind":"SERVER","timestamp":1544712660000000,"duration":1000000,"localEndpoint":{"serviceName":"shop"},"tags":{"otel.scope.name":"lib"}}]`
)

func read(t *testing.T, file string) *saved.File {
	t.Helper()
	f, err := saved.Read([]byte(file), limits)
	if err != nil {
		t.Fatalf("%v in %.300s", err, file)
	}
	return f
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// However tools write one and the same span, it is read as the same.
func TestOneSpanInEveryFormat(t *testing.T) {
	t.Parallel()
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(otlpFile) }
	for name, c := range map[string]struct {
		file   string
		format saved.Format
	}{
		"OTLP":                               {otlpFile, saved.OTLP},
		"with a mark of its encoding":        {"\ufeff" + otlpFile + "\n\n", saved.OTLP},
		"as Python's indent":                 {swap(`{`, "{\n  ", `:`, `: `, `,`, ",\n  "), saved.OTLP},
		"enums by name":                      {swap(`"kind":2`, `"kind":"SPAN_KIND_SERVER"`), saved.OTLP},
		"times as numbers":                   {swap(`"1544712660000000000"`, `1544712660000000000`), saved.OTLP},
		"names as in the .proto files":       {swap("resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "traceId", "trace_id", "startTimeUnixNano", "start_time_unix_nano", "endTimeUnixNano", "end_time_unix_nano", "spanId", "span_id", "stringValue", "string_value"), saved.OTLP},
		"names before OTLP 0.16":             {swap("scopeSpans", "instrumentationLibrarySpans", `"scope":`, `"instrumentationLibrary":`), saved.OTLP},
		"ids in base64":                      {swap("5b8efff798038103d269b633813fc60c", "W47/95gDgQPSabYzgT/GDA==", "eee19b7ec3c1b174", "7uGbfsPBsXQ="), saved.OTLP},
		"fields that nobody knows":           {swap(`"kind":2`, `"kind":2,"flags":257,"novel":{"deep":[1,{"a":null}]}`), saved.OTLP},
		"Tempo's answer":                     {swap("resourceSpans", "batches", "5b8efff798038103d269b633813fc60c", "W47/95gDgQPSabYzgT/GDA==", `"kind":2`, `"kind":"SPAN_KIND_SERVER"`), saved.OTLP},
		"Tempo's answer, version 2":          {`{"trace":` + otlpFile + `,"metrics":{"inspectedBytes":"1"}}`, saved.OTLP},
		"Jaeger's API, version 3":            {`{"result":` + swap("5b8efff798038103d269b633813fc60c", "W47/95gDgQPSabYzgT/GDA==") + `}`, saved.OTLP},
		"a line of Java's exporter to a log": {strings.TrimSuffix(strings.TrimPrefix(otlpFile, `{"resourceSpans":[`), `]}`) + "\n", saved.OTLP},
		"a list of requests":                 {`[` + otlpFile + `]`, saved.OTLP},
		"a collector's file":                 {`{"resourceMetrics":[]}` + "\n" + otlpFile + "\n" + `{"resourceLogs":[]}` + "\n", saved.OTLP},
		"Jaeger":                             {jaegerFile, saved.Jaeger},
		"one of Jaeger's traces":             {strings.TrimSuffix(strings.TrimPrefix(jaegerFile, `{"data":[`), `],"total":0,"limit":0,"offset":0,"errors":null}`), saved.Jaeger},
		"spans of Jaeger's storage":          {`{"traceID":"5b8efff798038103d269b633813fc60c","spanID":"eee19b7ec3c1b174","operationName":"GET /a","references":[],"flags":1,"startTime":1544712660000000,"startTimeMillis":1544712660000,"duration":1000000,"tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"otel.scope.name","type":"string","value":"lib"}],"logs":[],"process":{"serviceName":"shop","tags":[]}}` + "\n", saved.Jaeger},
		"Zipkin":                             {zipkinFile, saved.Zipkin},
		"a list of Zipkin's traces":          {`[` + zipkinFile + `]`, saved.Zipkin},
		"Zipkin's spans line by line":        {strings.Trim(zipkinFile, "[]") + "\n", saved.Zipkin},
	} {
		for _, file := range []string{c.file, packed(t, c.file)} {
			f := read(t, file)
			if len(f.Traces) != 1 || len(f.Traces[0].Spans) != 1 || f.Format != c.format || len(f.LeftOut) > 0 {
				t.Fatalf("%s: %+v", name, f)
			}
			s := f.Traces[0].Spans[0]
			got := []any{f.Traces[0].ID, s.SpanID.String(), s.Endpoint, s.Kind.String(), s.Service, s.ScopeName, s.Start, s.Duration}
			want := []any{"5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "GET /a", "SERVER", "shop", "lib", int64(1544712660000000000), uint64(1e9)}
			for k := range want {
				if got[k] != want[k] {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
		}
	}
}

// What cannot be read says what it was taken for, where it failed, and what can be read.
func TestWhyAFileCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, why string }{
		"nothing":                {"", "the file is empty"},
		"blanks":                 {" \n\t", "the file is empty"},
		"a page":                 {"<!doctype html><p>502", "HTML or XML"},
		"words":                  {"trace 7 is slow", `begins with "trace 7 is slow"`},
		"protobuf":               {"\x0a\x8f\x02\x0a\x00", "binary, maybe OTLP in protobuf"},
		"zstd":                   {"\x28\xb5\x2f\xfd\x04\x00", "packed by zstd"},
		"zip":                    {"PK\x03\x04\x14\x00", "zip archive"},
		"gzip that is cut off":   {packed(t, otlpFile)[:40], "gzip that is cut off"},
		"gzip of nothing":        {packed(t, ""), "the file is empty"},
		"JSON that is cut off":   {otlpFile[:150], "cut off at line 1, column 151"},
		"no JSON":                {"{\"resourceSpans\":\n [,]}", "no JSON at line 2, column"},
		"JSON of something":      {`{"name":"web","version":"1.0"}`, `no kind that is known: its first members are "name", "version"`},
		"a list of something":    {`[{"name":"web"}]`, `its first element has "name"`},
		"an empty list":          {`[]`, "an empty list"},
		"metrics":                {`{"resourceMetrics":[]}`, "no spans"},
		"OTLP without spans":     {`{"resourceSpans":[]}`, "taken for OTLP, but it has no spans"},
		"an id that is none":     {strings.Replace(otlpFile, "5b8efff7", "zzzzzzzz", 1), "no span that can be read: 1 invalid span was left out"},
		"a time that is none":    {strings.Replace(otlpFile, `"1544712660000000000"`, "\n"+`"noon"`, 1), "taken for OTLP and cannot be read at line 2, column 7: no whole number"},
		"Jaeger's refusal":       {`{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}`, "an answer of Jaeger that says why there is no trace: trace not found"},
		"a time of a log's line": {strings.TrimSuffix(strings.TrimPrefix(strings.Replace(otlpFile, `"1544712660000000000"`, `"noon"`, 1), `{"resourceSpans":[`), `]}`), "at line 1, column 256: no whole number"},
		"a duration of Jaeger":   {strings.Replace(jaegerFile, `"duration":1000000`, `"duration":"1s"`, 1), "taken for Jaeger's JSON and cannot be read at line 1, column 224: data[0].spans[0].duration is a string"},
		"a duration of Zipkin":   {strings.Replace(zipkinFile, `"duration":1000000`, `"duration":"1s"`, 1), "taken for Zipkin's JSON and cannot be read at line 1, column 148: [0].duration is a string"},
		"Zipkin's version 1":     {`[{"traceId":"1","id":"2","name":"get","annotations":[{"timestamp":1,"value":"sr","endpoint":{"serviceName":"a"}}]}]`, "version 1"},
		"a list within a list":   {`[[[{"traceId":"1","id":"2"}]]]`, "no kind that is known"},
		"a trace of ours":        {`{"trace_id":"","spans":[{"id":"1","source":"FAR"}]}`, "taken for Throughline's JSON and cannot be read at line 1, column 25: spans[0]: unknown source"},
		"spans that are a word":  {`{"trace_id":"","spans":"x"}`, "spans is no list"},
		"a span of ours":         {`{"span":{"Colour":"red"}}`, "taken for Throughline's spans"},
	} {
		f, err := saved.Read([]byte(c.file), limits)
		if err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v (%+v), want %q", name, err, f, c.why)
		}
		if err != nil && !strings.Contains(c.why, "cut off") && !strings.Contains(c.why, "unpack") && !strings.Contains(err.Error(), saved.Readable) {
			t.Errorf("%s: it is not said what can be read: %v", name, err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	many := strings.Replace(otlpFile, otlpSpan, strings.Repeat(otlpSpan+",", 9)+otlpSpan, 1)
	for name, file := range map[string]string{
		"one document": many,
		"several":      strings.Repeat(otlpFile+"\n", 10),
		"Jaeger":       strings.Replace(jaegerFile, `[{"traceID":"5b8efff798038103d269b633813fc60c","spanID"`, `[`+strings.Repeat(`{"spanID":"eee19b7ec3c1b174","startTime":1},`, 9)+`{"traceID":"5b8efff798038103d269b633813fc60c","spanID"`, 1),
		"Zipkin":       strings.Replace(zipkinFile, `[{`, `[`+strings.Repeat(`{"traceId":"5b8efff798038103d269b633813fc60c","id":"1","timestamp":1},`, 9)+`{`, 1),
	} {
		f, err := saved.Read([]byte(file), saved.Limits{Bytes: 1 << 20, Spans: 4})
		if err != nil || len(f.Traces) != 1 || len(f.Traces[0].Spans) != 4 || len(f.LeftOut) != 1 || f.LeftOut[0] != "6 spans: no more than 4 of a file are read" {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
	for name, file := range map[string]string{"as it is": strings.Repeat(" ", 2<<20) + otlpFile, "packed": packed(t, strings.Repeat(" ", 2<<20)+otlpFile)} {
		if _, err := saved.Read([]byte(file), saved.Limits{Bytes: 1 << 20, Spans: 4}); err == nil || !strings.Contains(err.Error(), "more than 1 MB unpacked") {
			t.Errorf("%s: %v", name, err)
		}
	}
	deep := `{"resourceSpans":` + strings.Repeat("[", 1<<20)
	if _, err := saved.Read([]byte(deep), limits); err == nil {
		t.Error("brackets without end are read")
	}
	nested := strings.Repeat(`{"trace":`, 5000) + otlpFile + strings.Repeat(`}`, 5000)
	if _, err := saved.Read([]byte(nested), limits); err == nil {
		t.Error("a trace within 5000 traces is read")
	}
}

// A file that somebody still writes to, or that was cut off, is never taken for a whole one.
func TestEveryShortPrefix(t *testing.T) {
	t.Parallel()
	for _, file := range []string{otlpFile, jaegerFile, zipkinFile, packed(t, otlpFile)} {
		for n := range file {
			if f, err := saved.Read([]byte(file[:n]), limits); err == nil {
				t.Errorf("%d of %d bytes are read: %+v", n, len(file), f)
			}
		}
	}
	lines := otlpFile + "\n" + otlpFile + "\n"
	for n := len(otlpFile) + 2; n < len(lines)-1; n++ {
		f, err := saved.Read([]byte(lines[:n]), limits)
		if err != nil || len(f.Traces[0].Spans) != 1 || len(f.LeftOut) != 1 || !strings.Contains(f.LeftOut[0], "the last document, which is cut off (line 2,") {
			t.Errorf("%d of %d bytes: %+v %v", n, len(lines), f, err)
		}
	}
}

func TestSeveralTraces(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer("5b8efff798038103d269b633813fc60c", "6b8efff798038103d269b633813fc60c", "1544712660", "1544712650").Replace(otlpFile)
	f := read(t, otlpFile+"\n"+later)
	if len(f.Traces) != 2 || f.Traces[0].ID != "6b8efff798038103d269b633813fc60c" {
		t.Fatalf("%+v", f.Traces)
	}
	one, err := f.Find("5b8efff798038103d269b633813fc60c")
	if err != nil || len(one.Spans) != 1 {
		t.Errorf("%+v %v", one, err)
	}
	if all, err := f.Find(saved.All); err != nil || len(all.Spans) != 2 {
		t.Errorf("%+v %v", all, err)
	}
	for _, id := range []string{"", "7b8efff798038103d269b633813fc60c"} {
		if _, err := f.Find(id); err == nil {
			t.Errorf("%q is found", id)
		}
	}
}

// What the HTTP API and the command line print is the assembled trace; it is shown as it was.
func TestOwnJSONIsTheSameTree(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../testdata/recorded/webshop-first.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	recording, err := saved.Read(text, limits)
	if err != nil || recording.Format != saved.Recording {
		t.Fatal(err)
	}
	before := recording.Traces[0]
	want := trace.Print(before.Assemble(), before.Entity)
	printed, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, string(printed))
	after := f.Traces[0]
	got := trace.Print(after.Assemble(), after.Entity)
	if f.Format != saved.Assembled || len(got.Spans) != len(want.Spans) {
		t.Fatalf("%s, %d spans of %d", f.Format, len(got.Spans), len(want.Spans))
	}
	ignored := cmpopts.IgnoreFields(trace.PrintedSpan{}, "Service", "ClientAddress", "ServerAddress", "TraceID", "SpanID")
	if diff := cmp.Diff(want.Spans, got.Spans, ignored); diff != "" {
		t.Errorf("printed (-), opened (+):\n%.4000s", diff)
	}
	if diff := cmp.Diff(want.Offsets, got.Offsets); diff != "" {
		t.Error(diff)
	}
	if got.Where.Sentence != want.Where.Sentence {
		t.Errorf("%q, want %q", got.Where.Sentence, want.Where.Sentence)
	}
}
