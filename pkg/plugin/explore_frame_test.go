package plugin

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// The rules that Grafana's trace view applies to a frame (TraceView/utils/transform.ts and
// types/trace.ts), fed with every source of span.
func TestExploreTakesTheTraceFrame(t *testing.T) {
	t.Parallel()
	i := reading(t)
	found := ask(t, i, `{"queryType":"search","scope":"roots","source":"APP"}`)
	if found.Error != nil {
		t.Fatal(found.Error)
	}
	link, _ := found.Frames[0].FieldByName("trace")
	res := ask(t, i, `{"queryType":"trace","view":"trace","query":"`+link.At(0).(string)+`"}`)
	if res.Error != nil || len(res.Frames) != 1 {
		t.Fatalf("%d frames, %v: Explore takes one", len(res.Frames), res.Error)
	}
	raw, err := json.Marshal(res.Frames[0])
	if err != nil {
		t.Fatal(err)
	}
	var frame struct {
		Schema struct {
			Meta   struct{ PreferredVisualisationType string }
			Fields []struct{ Name, Type string }
		}
		Data struct{ Values [][]any }
	}
	if err := json.Unmarshal(raw, &frame); err != nil {
		t.Fatal(err)
	}
	if v := frame.Schema.Meta.PreferredVisualisationType; v != string(data.VisTypeTrace) {
		t.Errorf("the frame is for %q", v)
	}
	want := map[string]string{
		"traceID": "string", "spanID": "string", "parentSpanID": "string", "operationName": "string", "serviceName": "string", "serviceNamespace": "string", "serviceTags": "other",
		"startTime": "number", "duration": "number", "logs": "other", "references": "other", "tags": "other", "kind": "string", "statusCode": "number", "statusMessage": "string",
		"instrumentationLibraryName": "string", "instrumentationLibraryVersion": "string", "traceState": "string",
	}
	columns := map[string][]any{}
	for n, f := range frame.Schema.Fields {
		if want[f.Name] != f.Type {
			t.Errorf("field %s is a %s, want %q", f.Name, f.Type, want[f.Name])
		}
		columns[f.Name] = frame.Data.Values[n]
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("fields missing: %v", want)
	}
	ids, sources := map[any]bool{}, map[string]int{}
	for _, id := range columns["spanID"] {
		if id == "" || ids[id] {
			t.Errorf("span id %q is empty or there twice: Explore would show nothing", id)
		}
		ids[id] = true
	}
	roots := 0
	for row := range columns["spanID"] {
		if columns["traceID"][row] != columns["traceID"][0] || columns["traceID"][row] == "" {
			t.Errorf("row %d is of trace %q", row, columns["traceID"][row])
		}
		switch parent := columns["parentSpanID"][row]; {
		case parent == "":
			roots++
		case !ids[parent]:
			t.Errorf("row %d has a parent that is not there", row)
		}
		if columns["operationName"][row] == "" || columns["serviceName"][row] == "" {
			t.Errorf("row %d has no name", row)
		}
		if at := columns["startTime"][row].(float64); at < 1.6e12 || at > 1.8e12 {
			t.Errorf("row %d starts at %v: want milliseconds", row, at)
		}
		if !slices.Contains([]any{"", "client", "server", "producer", "consumer", "internal"}, columns["kind"][row]) {
			t.Errorf("kind %q", columns["kind"][row])
		}
		if code := columns["statusCode"][row].(float64); code != 0 && code != 1 && code != 2 {
			t.Errorf("status %v", code)
		}
		tags := map[string]any{}
		for _, name := range []string{"tags", "serviceTags"} {
			for _, tag := range columns[name][row].([]any) { // an array whatever happens
				kv := tag.(map[string]any)
				if kv["key"] == "" || kv["key"] == nil {
					t.Errorf("row %d: a tag without key", row)
				}
				tags[kv["key"].(string)] = kv["value"]
			}
		}
		for _, l := range columns["logs"][row].([]any) {
			log := l.(map[string]any)
			if _, ok := log["timestamp"].(float64); !ok || log["fields"] == nil {
				t.Errorf("row %d: log %v", row, log)
			}
		}
		for _, r := range columns["references"][row].([]any) {
			ref := r.(map[string]any)
			if ref["traceID"] == "" || ref["spanID"] == "" {
				t.Errorf("row %d: reference %v", row, ref)
			}
		}
		source, _ := tags["throughline.source"].(string)
		sources[source]++
		if source != "APP" && (tags["throughline.hop"] == nil || tags["k8s.node.name"] == nil) {
			t.Errorf("row %d (%s) does not say its hop: %v", row, source, tags)
		}
	}
	if roots != 1 || sources["APP"] != 46 || sources["SYS"] != 20 || sources["NET"] != 34 {
		t.Errorf("%d roots, spans %v", roots, sources)
	}
}
