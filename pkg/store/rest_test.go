package store

import (
	"strconv"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// What OTLP sends besides costs a span no more than a byte where SDKs set flags and scopes have
// schema URLs.
func TestTheRestOfOTLPCostsNextToNothing(t *testing.T) {
	t.Parallel()
	absent := bytesOfDetails(t, nil)
	sent := bytesOfDetails(t, []string{`{"flags":257,"scope":{"schema_url":"https://opentelemetry.io/schemas/1.37.0"}}`, `{"flags":769,"scope":{"schema_url":"https://opentelemetry.io/schemas/1.37.0"}}`, `{"flags":257}`})
	t.Logf("%.4f bytes a span, %.4f with it", absent, sent)
	if sent-absent > 1 {
		t.Errorf("%.3f bytes a span, and %.3f with it: want no more than one more", absent, sent)
	}
}

// bytesOfDetails is what details take on disk for each span, if those of code have rests in turn.
func bytesOfDetails(t *testing.T, rests []string) float64 {
	t.Helper()
	s := open(t)
	n := 0
	for k := range 20 {
		b := mixed(100, uint32(k*100))
		for i := range b.Rest {
			if rests != nil && b.Source[i] == span.APP {
				b.Rest[i] = b.Strings.Ref(rests[(i*7+k)%len(rests)])
			}
		}
		n += b.Len()
		insert(t, s, b)
	}
	execute(t, s, "OPTIMIZE TABLE spans FINAL")
	bytes, err := strconv.ParseFloat(text(t, s, "SELECT sum(column_data_compressed_bytes) FROM system.parts_columns WHERE active AND database = currentDatabase() AND table = 'spans' AND column = 'details'"), 64)
	if err != nil || bytes == 0 {
		t.Fatal(bytes, err)
	}
	return bytes / float64(n)
}
