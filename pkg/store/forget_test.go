package store

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A store that was restored from a backup lacks what it once had. Forget makes it be sent again.
func TestForgetSendsAgainWhatAStoreHasLost(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := app(1, traceID(1), 1)
	one.OTelResource = 7
	one.Attributes = []span.Attribute{{Key: "cart.size", Value: "3", Type: span.AttributeInt}}
	put := func() {
		b := batch(one)
		b.OTelResources = []span.Resource{{ID: 7, Attributes: []span.Attribute{{Key: "service.name", Value: "cart", Type: span.AttributeString}}}}
		insert(t, s, b)
	}
	has := func(when, want string) {
		t.Helper()
		for _, table := range []string{"otel_resources", "attribute_keys"} {
			if got := count(t, s, "SELECT count() > 0 FROM "+table); got != want {
				t.Errorf("%s, %s: %s, want %s", when, table, got, want)
			}
		}
	}
	put()
	has("at first", "1")
	for _, table := range []string{"otel_resources", "attribute_keys"} {
		if err := s.conn.Exec(t.Context(), "TRUNCATE TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	put()
	has("known, so not sent", "0")
	s.Forget()
	put()
	has("sent again", "1")
}
