package trace

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// Each field alone, with what JSON escapes and what it does not: as encoding/json writes it.
func TestSpansAreWrittenAsByReflection(t *testing.T) {
	t.Parallel()
	texts := []string{"plain text", "", `"\<>&/`, "\x00\x1f\t\n", "ä€😀", "\u2028\u2029\x7f", "bad \xff\xc3 bytes", strings.Repeat("long ", 1000)}
	numbers := []int64{0, 1, -1, math.MaxInt32, math.MinInt32}
	for i := range reflect.TypeFor[PrintedSpan]().NumField() {
		for n := range max(len(texts), len(numbers)) {
			var s PrintedSpan
			switch f := reflect.ValueOf(&s).Elem().Field(i); f.Kind() {
			case reflect.String:
				f.SetString(texts[n%len(texts)])
			default:
				f.SetInt(numbers[n%len(numbers)])
			}
			want, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if got := appendSpan(nil, &s); string(got) != string(want) {
				t.Errorf("%s:\ngot  %.300s\nwant %.300s", reflect.TypeFor[PrintedSpan]().Field(i).Name, got, want)
			}
		}
	}
}

func BenchmarkAppendSpan(b *testing.B) {
	s := &PrintedSpan{ID: "7230279735f0b3b5", Parent: "7230279735f0b3b4", Source: "NET", Point: "c-nd", Name: "GET /orders", Node: "node0", Protocol: "HTTP",
		Request: "GET /orders", Client: "web-0", Server: "shop-0", ClientAddress: "10.0.0.1:4000", ServerAddress: "10.0.0.2:80", Status: "ok",
		Start: 1796023508983551139, End: 1796023508983559139, TraceID: "cba3cc710792944bc4c8043db7604646", Rule: "chain", Reason: "same TCP sequence", Confidence: "proven"}
	b.Run("appended", func(b *testing.B) {
		var to []byte
		b.ReportAllocs()
		for b.Loop() {
			to = appendSpan(to[:0], s)
		}
	})
	b.Run("by reflection", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(s); err != nil {
				b.Fatal(err)
			}
		}
	})
}
