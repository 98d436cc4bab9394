package store

import (
	"strconv"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// What OTLP sends besides costs a span next to nothing where it is absent, and no more than a
// byte where SDKs set flags and scopes have schema URLs.
func TestTheRestOfOTLPCostsNextToNothing(t *testing.T) {
	t.Parallel()
	rests := []string{`{"flags":257,"scope":{"schema_url":"https://opentelemetry.io/schemas/1.37.0"}}`, `{"flags":769,"scope":{"schema_url":"https://opentelemetry.io/schemas/1.37.0"}}`, `{"flags":257}`}
	for name, most := range map[string]float64{"absent": 0.05, "sent": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			n := 0
			for k := range 20 {
				b := mixed(100, uint32(k*100))
				if name == "sent" {
					for i := range b.Rest {
						if b.Source[i] == span.APP {
							b.Rest[i] = b.Strings.Ref(rests[(i*7+k)%len(rests)])
						}
					}
				}
				n += b.Len()
				insert(t, s, b)
			}
			if _, err := s.text(t.Context(), s.config.Database, "OPTIMIZE TABLE spans FINAL", nil); err != nil {
				t.Fatal(err)
			}
			text, err := s.text(t.Context(), s.config.Database, "SELECT sum(column_data_compressed_bytes) FROM system.parts_columns WHERE active AND database = currentDatabase() AND table = 'spans' AND column = 'otlp_rest' FORMAT TSV", nil)
			if err != nil {
				t.Fatal(err)
			}
			bytes, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%.4f bytes a span", bytes/float64(n))
			if bytes/float64(n) > most {
				t.Errorf("%.3f bytes a span of %d, want no more than %.2f", bytes/float64(n), n, most)
			}
		})
	}
}
