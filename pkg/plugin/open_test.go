package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/test/shapes"
)

func postFile(i *Instance, path string, file []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	i.resources().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, bytes.NewReader(file)))
	return w
}

// opened is an answer of POST open.
type opened struct {
	Format  string
	Traces  []openedTrace
	LeftOut []string
	Chosen  string
	Frame   json.RawMessage
}

func open(t *testing.T, i *Instance, query string, file []byte) opened {
	t.Helper()
	w := postFile(i, "/open"+query, file)
	var answer opened
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %.500s", w.Code, w.Body)
	}
	return answer
}

// exported is a trace as the panel saves it for OpenTelemetry.
func exported(t *testing.T, a *assembled) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := document.Write(&b, a.documentItems()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A trace that was exported and is opened again is the same tree with the same account: of
// code alone, and with system calls and packets.
func TestAnExportedTraceIsOpenedAsItWas(t *testing.T) {
	t.Parallel()
	traces := map[string]*assembled{"webshop": recorded(t)}
	for _, name := range shapes.Names() {
		sent := assemble("", firstTrace(shapes.Batch(shapes.Make(name, time.Unix(1_700_000_000, 0), shapes.Small))))
		traces[name] = reopened(t, sent) // a file says itself which pods there are
	}
	for name, before := range traces {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(printed(t, before), printed(t, reopened(t, before))); diff != "" {
				t.Errorf("exported (-), opened (+):\n%.6000s", diff)
			}
		})
	}
}

func reopened(t *testing.T, before *assembled) *assembled {
	t.Helper()
	file, err := saved.Read(exported(t, before), saved.Limits{Bytes: maxFileText, Spans: maxSpans})
	if err != nil {
		t.Fatal(err)
	}
	after, err := openTrace(file, "")
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// recorded is a request of the live WebShop, whose code names its pod as it does there.
func recorded(t *testing.T) *assembled {
	t.Helper()
	text, err := os.ReadFile("../../testdata/recorded/webshop-first.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	spans, entities, err := record.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	data := &store.TraceData{Spans: spans, Entities: map[uint64]span.Entity{}, Resources: map[uint64]span.Resource{}}
	for _, e := range entities {
		data.Entities[e.ID] = e
	}
	for _, s := range spans {
		if s.Source == span.APP {
			e := data.Entities[s.Entity]
			data.Resources[s.OTelResource] = span.Resource{ID: s.OTelResource, Attributes: []span.Attribute{
				{Key: "service.name", Value: s.Service, Type: span.AttributeString}, {Key: "k8s.pod.ip", Value: s.PodIP.String(), Type: span.AttributeString},
				{Key: "k8s.node.name", Value: s.Node, Type: span.AttributeString}, {Key: "k8s.pod.name", Value: e.Pod, Type: span.AttributeString},
				{Key: "k8s.namespace.name", Value: e.Namespace, Type: span.AttributeString},
			}}
		}
	}
	return assemble("", data)
}

// firstTrace is the first trace of a batch, with its resources.
func firstTrace(b *span.Batch) *store.TraceData {
	data := &store.TraceData{Resources: map[uint64]span.Resource{}}
	for s := range b.Spans() {
		if len(data.Spans) == 0 || s.TraceID == data.Spans[0].TraceID {
			data.Spans = append(data.Spans, s)
		}
	}
	for _, r := range b.OTelResources {
		data.Resources[r.ID] = r
	}
	return data
}

func printed(t *testing.T, a *assembled) string {
	t.Helper()
	p := trace.Print(a.tree, a.entity)
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What a query shows of a trace, a file shows, too: the account, and of each span its details.
func TestOpen(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{})
	spans := shapes.Spans("demofail", time.Unix(1_700_000_000, 0), shapes.Small)[0]
	file := exported(t, assemble("", &store.TraceData{Spans: spans}))
	answer := open(t, i, "", file)
	if answer.Format != "OTLP" || len(answer.Traces) != 1 || answer.Traces[0].Spans != len(spans) || answer.Chosen != spans[0].TraceID.String() || len(answer.LeftOut) != 0 {
		t.Errorf("%+v", answer)
	}
	if !strings.Contains(string(answer.Frame), `"name":"owner"`) {
		t.Errorf("nothing to make the account from: %.300s", answer.Frame)
	}
	failed := spans[slices.IndexFunc(spans, func(s *span.Span) bool { return strings.Contains(s.Events, "exception") })]
	w := postFile(i, "/open/span/"+failed.SpanID.String(), file)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"exception.message"`) {
		t.Errorf("%d %.500s", w.Code, w.Body)
	}
	if w := postFile(i, "/open/attributes", file); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"service.name"`) {
		t.Errorf("%d %.500s", w.Code, w.Body)
	}
	if w := postFile(i, "/open/attributes?key=service.name", file); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"`+span.FormatID(failed.ID)+`":"`) {
		t.Errorf("%d %.500s", w.Code, w.Body)
	}
	if w := postFile(i, "/open/export", file); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), ".otlp.json") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// The files opened last are kept, and one that was dropped is read again.
func TestOpenFilesAreBounded(t *testing.T) {
	t.Parallel()
	var o openFiles
	file := func(n int) []byte { return []byte(strings.Replace(exportedSpan, "5b8e", fmt.Sprintf("%04x", n+1), 1)) }
	first, err := o.read(file(0))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.read(file(0)); err != nil || again != first {
		t.Errorf("read twice: %v", err)
	}
	for n := range 3 * maxOpenFiles {
		if _, err := o.read(file(n)); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.kept) != maxOpenFiles || o.spans != maxOpenFiles {
		t.Errorf("%d files with %d spans are kept", len(o.kept), o.spans)
	}
	if again, err := o.read(file(0)); err != nil || again == first {
		t.Errorf("it was to be read again: %v", err)
	}
}

func TestOpenOffersSeveralTraces(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{})
	var items []document.Item
	for _, spans := range shapes.Spans("kafka", time.Unix(1_700_000_000, 0), shapes.Small) {
		items = append(items, assemble("", &store.TraceData{Spans: spans}).documentItems()...)
	}
	for n := range 2 {
		spans := shapes.Spans("demo", time.Unix(1_700_001_000+int64(n), 0), shapes.Small)[0]
		items = append(items, assemble("", &store.TraceData{Spans: spans}).documentItems()...)
	}
	var file bytes.Buffer
	if err := document.Write(&file, items); err != nil {
		t.Fatal(err)
	}
	answer := open(t, i, "", file.Bytes())
	if len(answer.Traces) < 3 || answer.Chosen != "" || answer.Frame != nil {
		t.Fatalf("%+v", answer)
	}
	last := answer.Traces[len(answer.Traces)-1]
	if one := open(t, i, "?trace="+last.ID, file.Bytes()); one.Chosen != last.ID || one.Frame == nil || last.Service == "" || last.Name == "" || last.Duration == 0 {
		t.Errorf("%+v of %+v", one.Chosen, last)
	}
	if all := open(t, i, "?trace=all", file.Bytes()); all.Frame == nil {
		t.Error("all of them are not shown")
	}
	if w := postFile(i, "/open?trace=7", file.Bytes()); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "no trace") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := postFile(i, "/open/export", file.Bytes()); w.Code != http.StatusBadRequest {
		t.Errorf("which of them? %d", w.Code)
	}
}

func TestOpenOfWhatIsNoTrace(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{})
	for name, c := range map[string]struct {
		path, file string
		code       int
		why        string
	}{
		"no file":      {"/open", "", 400, "the file is empty"},
		"words":        {"/open", "hello", 400, "no JSON"},
		"too large":    {"/open", strings.Repeat("x", maxFileBytes+1), 400, "more than 15 MB packed"},
		"another span": {"/open/span/1234", exportedSpan, 404, "no span 0000000000001234 is in the file"},
		"no id":        {"/open/span/later", exportedSpan, 400, "hex digits"},
	} {
		if w := postFile(i, c.path, []byte(c.file)); w.Code != c.code || !strings.Contains(w.Body.String(), c.why) {
			t.Errorf("%s: %d %.300s", name, w.Code, w.Body)
		}
	}
}

const exportedSpan = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a","startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000"}]}]}]}`

// What can be asked of a stored trace can be asked of a file: what a filter finds, what there is to
// filter by, and in which attributes spans differ.
func TestFindingInAFile(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{})
	sent := assemble("", firstTrace(shapes.Batch(shapes.Make("retry", time.Unix(1_700_000_000, 0), shapes.Small))))
	file := exported(t, sent)
	var failed, worked []string
	for _, s := range sent.tree.Spans {
		switch {
		case s.Kind != span.KindClient:
		case s.Status.Error():
			failed = append(failed, span.FormatID(s.ID))
		default:
			worked = append(worked, span.FormatID(s.ID))
		}
	}
	question, _ := json.Marshal(differencesQuestion{Selected: failed, Others: worked})
	for _, c := range []struct {
		path, before, want string
		code               int
	}{
		{"/open/find?filter=http.response.status_code>=500", "", `{"spans":["` + strings.Join(failed, `","`) + `"],"limited":false}`, 200},
		{"/open/find?filter=no.such.key=1", "", `{"spans":[],"limited":false}`, 200},
		{"/open/find?filter=duration>long", "", "is no duration", 400},
		{"/open/find?filter=nothing", "", "want a key, one of", 400},
		{"/open/find/keys", "", `"http.response.status_code"`, 200},
		{"/open/find/values?key=http.response.status_code", "", `{"text":"503","count":`, 200},
		{"/open/find/values", "", "no key is named", 400},
		{"/open/differences", string(question) + "\n", `"key":"http.response.status_code"`, 200},
		{"/open/differences", `{"selected":["1"],"others":[]}` + "\n", "want ids of spans in both", 400},
		{"/open/differences", "", "as the first line", 400},
	} {
		if w := postFile(i, strings.ReplaceAll(c.path, ">", "%3E"), append([]byte(c.before), file...)); w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %.300s, want %d %s", c.path, w.Code, w.Body, c.code, c.want)
		}
	}
}
