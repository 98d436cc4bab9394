package trace_test

import (
	"encoding/json"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func TestPrintedDocument(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	p := trace.Print(assemble(spans), tracetest.Entity)
	doc, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		TraceID string                       `json:"trace_id"`
		Counts  map[string]int               `json:"counts"`
		Spans   []map[string]json.RawMessage `json:"spans"`
		Where   map[string]json.RawMessage   `json:"where"`
		Offsets map[string]int64             `json:"offsets"`
	}
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	if m.TraceID != spans[6].TraceID.String() {
		t.Errorf("trace_id is %s", m.TraceID)
	}
	for name, n := range map[string]int{"total": 100, "app": 46, "sys": 20, "net": 34, "links": 99, "links_inferred": 2, "orphans": 0} {
		if m.Counts[name] != n {
			t.Errorf("%s is %d, want %d", name, m.Counts[name], n)
		}
	}
	for _, field := range []string{"id", "parent", "source", "observation_point", "kind", "service", "name", "node", "pod", "of_pod", "interface", "tunnel", "protocol", "request", "client", "server", "start", "end", "reason", "confidence"} {
		for i, s := range m.Spans {
			if _, ok := s[field]; !ok {
				t.Errorf("span %d has no %s", i, field)
			}
		}
	}
	if string(m.Spans[0]["parent"]) != "null" || string(m.Spans[0]["confidence"]) != "null" {
		t.Errorf("the root's link is printed: %s", m.Spans[0]["reason"])
	}
	if want := `"` + span.FormatID(spans[0].ID) + `"`; string(m.Spans[1]["parent"]) != want || len(want) != 18 {
		t.Errorf("parent of span 2 is %s, want %s", m.Spans[1]["parent"], want)
	}
	if string(m.Spans[1]["of_pod"]) != `"loadgenerator"` || string(m.Spans[1]["pod"]) != "null" || string(m.Spans[1]["client"]) != `"loadgenerator"` || string(m.Spans[1]["server"]) != `"web-shop"` {
		t.Errorf("span 2: %s", doc)
	}
	var again trace.Printed
	if err := json.Unmarshal(doc, &again); err != nil {
		t.Fatal(err)
	}
	if second, err := json.Marshal(&again); err != nil || string(second) != string(doc) {
		t.Errorf("read and printed again it differs (%v)", err)
	}
}

func TestPrintWithoutEntities(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	p := trace.Print(trace.Assemble(spans, trace.Options{}), nil)
	if got := string(p.Spans[1].Server); got != spans[1].Server.String() {
		t.Errorf("server is %q, want its address", got)
	}
	if p.Spans[1].OfPod != "" || p.Spans[0].Pod != "" {
		t.Errorf("pods come from nowhere: %+v", p.Spans[:2])
	}
}
