package plugin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/document"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/test/shapes"
)

// sent are the spans of a batch with the attributes of their resources, by id.
func sent(b *span.Batch) []document.Item {
	resources := map[uint64][]span.Attribute{}
	for _, r := range b.OTelResources {
		resources[r.ID] = r.Attributes
	}
	var out []document.Item
	for s := range b.Spans() {
		out = append(out, document.Item{Span: s, Resource: resources[s.OTelResource]})
	}
	slices.SortFunc(out, func(a, b document.Item) int { return strings.Compare(a.Span.SpanID.String(), b.Span.SpanID.String()) })
	return out
}

// readAgain is what the agent makes of an exported trace.
func readAgain(t *testing.T, document []byte) *span.Batch {
	t.Helper()
	d := otlp.NewDecoder(new(otlp.Resources), false)
	d.Reset(shapes.Node, shapes.Node, netip.Addr{})
	if err := d.JSON(document); err != nil {
		t.Fatalf("%v\n%.1000s", err, document)
	}
	if n, why := d.Rejected(); n != 0 {
		t.Fatal(why)
	}
	return d.Batch()
}

// From OTLP through the agent's reader, the store and the export, and read again: nothing of
// what SDKs sent is lost on the way.
func TestATraceThatWasSentIsExportedWhole(t *testing.T) {
	t.Parallel()
	i := reading(t)
	for n, name := range []string{"demofail", "kafka", "genai", "names", "zero", "orphans"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := time.Unix(1_700_100_000+int64(n)*600, 0)
			batch := shapes.Batch(shapes.Make(name, base, shapes.Small))
			if err := writing.Insert(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			var got []document.Item
			for _, id := range shapes.TraceIDs(name, base) {
				w := get(i, "/export/"+id.String()+"?format=otlp")
				if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), "trace-"+id.String()+".otlp.json") {
					t.Fatalf("%d %v %.500s", w.Code, w.Header(), w.Body)
				}
				got = append(got, sent(readAgain(t, w.Body.Bytes()))...)
			}
			slices.SortFunc(got, func(a, b document.Item) int { return strings.Compare(a.Span.SpanID.String(), b.Span.SpanID.String()) })
			if diff := cmp.Diff(sent(batch), got, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("sent (-), exported and read again (+):\n%s", diff)
			}
		})
	}
}

// System calls and packets become spans of resources of their own, under the parents that
// were found for them; code keeps the ids it was sent with.
func TestExportOfHops(t *testing.T) {
	t.Parallel()
	w := get(newInstance(&fakeStore{trace: call(t)}), "/export/"+traceID+"?format=otlp")
	got := sent(readAgain(t, w.Body.Bytes()))
	if len(got) != 6 {
		t.Fatalf("%d spans: %s", len(got), w.Body)
	}
	parents := map[string]string{}
	for _, x := range got {
		parents[x.Span.SpanID.String()] = x.Span.ParentSpanID.String()
	}
	want := map[string]string{
		"0101010101010101": "", "0202020202020202": "0101010101010101",
		"0000000000000002": "0101010101010101", "0000000000000003": "0000000000000002", "0000000000000004": "0000000000000003", "0000000000000005": "0000000000000004",
	}
	if diff := cmp.Diff(want, parents); diff != "" {
		t.Errorf("parents:\n%s", diff)
	}
	nic := got[2]
	if nic.Span.SpanID.String() != "0000000000000004" {
		t.Fatalf("%+v", nic.Span)
	}
	told := map[string]string{}
	for _, a := range append(nic.Resource, nic.Span.Attributes...) {
		told[a.Key] = a.Value
	}
	for key, value := range map[string]string{
		"throughline.source": "NET", "throughline.observation_point": "c-nd", "throughline.interface": "eth0", "throughline.tunnel": "ipip", "k8s.node.name": "node0",
		"throughline.tcp.request_seq": "1000", "throughline.link.confidence": "proven", "http.request.method": "GET", "url.path": "/users/42", "url.query": "full=1",
		"http.response.status_code": "200", "network.peer.address": "10.2.0.1", "network.peer.port": "8080",
	} {
		if told[key] != value {
			t.Errorf("%s is %q, want %q", key, told[key], value)
		}
	}
	// The request's columns are read from them as they were.
	s := nic.Span
	if s.Kind != span.KindClient || s.Protocol != "HTTP" || s.Type != "GET" || s.Resource != "/users/42?full=1" || s.Code != 200 || s.Status != span.StatusOK || s.Server.String() != "10.2.0.1:8080" {
		t.Errorf("%+v", s)
	}
}

func TestExportThatCannotBe(t *testing.T) {
	t.Parallel()
	i := newInstance(&fakeStore{trace: call(t)})
	for path, want := range map[string]struct {
		code int
		why  string
	}{
		"/export/" + traceID + "?format=svg": {http.StatusBadRequest, "there is otlp"},
		"/export/soon?format=otlp":           {http.StatusBadRequest, "hex digits"},
	} {
		if w := get(i, path); w.Code != want.code || !strings.Contains(w.Body.String(), want.why) {
			t.Errorf("%s: %d %s, want %d and %q", path, w.Code, w.Body, want.code, want.why)
		}
	}
	if w := get(newInstance(&fakeStore{err: store.ErrNotFound}), "/export/"+traceID+"?format=otlp"); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
