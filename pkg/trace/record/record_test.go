package record_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/record"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func TestRecordingReadsBack(t *testing.T) {
	t.Parallel()
	spans, entities := tracetest.WebShop(1), tracetest.WebShopEntities()
	spans[6].Attributes = []span.Attribute{{Key: "http.route", Value: "/full-test", Type: span.AttributeString}}
	spans[6].Events = `[{"name":"<&>"}]`
	var b bytes.Buffer
	if err := record.Write(&b, spans, entities); err != nil {
		t.Fatal(err)
	}
	got, gotEntities, err := record.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, spans) || !reflect.DeepEqual(gotEntities, entities) {
		t.Errorf("%d spans and %d entities differ from what was written", len(got), len(gotEntities))
	}
	for n := range b.Len() {
		if b.Bytes()[n] == '\n' || n > 0 && b.Bytes()[n-1] == '\n' {
			continue // a whole number of lines is a whole recording
		}
		if _, _, err := record.Read(bytes.NewReader(b.Bytes()[:n])); err == nil && n > 0 {
			t.Fatalf("the first %d bytes were read without an error", n)
		}
		if n > 3000 {
			break
		}
	}
}

func TestBadRecordings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, says string }{
		{`{}`, "want a span or an entity"},
		{`{"span":{},"entity":{}}`, "want a span or an entity"},
		{`{"span":{"Colour":1}}`, "Colour"},
		{`{"spam":{}}`, "spam"},
		{`{"span":{"ID":7}}`, "field ID"},
		{`{"span":{"Source":"XYZ"}}`, "field Source"},
		{`{"span":{"TraceID":"12"}}`, "field TraceID"},
		{"{\"entity\":{}}\n{\"span\":{\"Start\":\"noon\"}}", "line 2"},
	} {
		if _, _, err := record.Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one that says %q", c.text, err, c.says)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := record.Write(&b, tracetest.WebShop(1)[:8], tracetest.WebShopEntities()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, doc []byte) {
		spans, entities, err := record.Read(bytes.NewReader(doc))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := record.Write(&b, spans, entities); err != nil {
			t.Fatal(err)
		}
		if again, _, err := record.Read(&b); err != nil || len(again) != len(spans) {
			t.Fatalf("written again it cannot be read: %v", err)
		}
	})
}
