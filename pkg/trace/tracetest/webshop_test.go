package tracetest_test

import (
	"reflect"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func TestWebShopLooksLikeAgentsMadeIt(t *testing.T) {
	t.Parallel()
	spans := tracetest.WebShop(1)
	if !reflect.DeepEqual(spans, tracetest.WebShop(1)) {
		t.Error("the same seed gives other spans")
	}
	if reflect.DeepEqual(spans, tracetest.WebShop(2)) {
		t.Error("another seed gives the same spans")
	}
	ids := map[uint64]bool{}
	counts := map[span.Source]int{}
	for i, s := range spans {
		if ids[s.ID] || s.ID == 0 {
			t.Errorf("span %d: id %x is there twice or zero", i+1, s.ID)
		}
		ids[s.ID] = true
		counts[s.Source]++
		if s.Source == span.APP {
			continue
		}
		if s.RequestSeq == 0 || s.ResponseSeq == 0 || s.ResponseStart == 0 || s.ResponseStart > s.Duration || !s.Client.IsValid() || !s.Server.IsValid() {
			t.Errorf("span %d: %+v", i+1, s)
		}
		if s.TraceID.IsZero() != s.SpanID.IsZero() {
			t.Errorf("span %d: half a trace context", i+1)
		}
	}
	if counts[span.APP] != 46 || counts[span.SYS] != 20 || counts[span.NET] != 34 {
		t.Errorf("counts: %v", counts)
	}
	for i, p := range tracetest.Parents() {
		if p >= 0 && (spans[i].Start < spans[p].Start || spans[i].End() > spans[p].End()) {
			t.Errorf("span %d is not inside its parent, span %d", i+1, p+1)
		}
	}
}

func TestConnectionsAreShared(t *testing.T) {
	t.Parallel()
	clients := map[string]bool{}
	sessions := map[uint64]bool{}
	for _, spans := range tracetest.Many(50, 5, 1) {
		for _, s := range spans {
			if s.Point == span.PointClientProcess {
				clients[s.Client.String()] = true
				pair := uint64(s.RequestSeq)<<32 | uint64(s.ResponseSeq)
				if sessions[pair] {
					t.Errorf("sequence pair %x is there twice", pair)
				}
				sessions[pair] = true
			}
		}
	}
	if len(clients) > 60 || len(sessions) != 500 {
		t.Errorf("%d sessions on %d connections", len(sessions), len(clients))
	}
}

func TestLargeIsOneTraceOfThatSize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 100, 101, 5000} {
		spans := tracetest.Large(n, 1)
		if len(spans) < n || len(spans) > max(100, n+93) {
			t.Errorf("%d spans, want %d", len(spans), n)
		}
	}
}
