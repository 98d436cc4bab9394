package trace_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// What a resource says of itself, where no address is known, is told from no pod: links that
// are right without it are right with it.
func TestAnEntityWithoutAddressContradictsNoPod(t *testing.T) {
	t.Parallel()
	links := func(entity func(s *span.Span) uint64) (parents []int32) {
		spans := tracetest.WebShop(1)
		for _, s := range spans {
			if s.Source == span.APP { // sent by a collector
				s.PodIP, s.Client, s.Server, s.ClientEntity, s.ServerEntity = netip.Addr{}, netip.AddrPort{}, netip.AddrPort{}, 0, 0
				s.Entity = entity(s)
			}
		}
		return trace.Assemble(spans, trace.Options{}).Parent
	}
	want := links(func(*span.Span) uint64 { return 0 })
	got := links(func(s *span.Span) uint64 {
		return span.EntityID(&span.Entity{Type: "pod", Pod: s.Service + "-0", Namespace: "webshop"})
	})
	if !slices.Equal(got, want) {
		t.Errorf("parents %v\nwithout entities %v", got, want)
	}
}
