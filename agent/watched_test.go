package agent

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// A pod that comes or goes does not begin the others anew.
func TestWhatIsWatchedIsToldSinceItBegan(t *testing.T) {
	t.Parallel()
	one, two := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	bytes := func(a netip.Addr) []byte { ip := a.As16(); return ip[:] }
	var w watched
	for _, step := range []struct {
		at      int64
		now     []watch
		changes int
		want    []*wire.Watched
	}{
		{1, nil, 0, nil},
		{2, []watch{{span.SYS, one}, {span.NET, one}}, 1, []*wire.Watched{{Source: "SYS", Since: 2, Addresses: bytes(one)}, {Source: "NET", Since: 2, Addresses: bytes(one)}}},
		{3, []watch{{span.NET, one}, {span.SYS, one}}, 1, []*wire.Watched{{Source: "SYS", Since: 2, Addresses: bytes(one)}, {Source: "NET", Since: 2, Addresses: bytes(one)}}},
		{4, []watch{{span.SYS, one}, {span.SYS, two}}, 2, []*wire.Watched{{Source: "SYS", Since: 2, Addresses: bytes(one)}, {Source: "SYS", Since: 4, Addresses: bytes(two)}}},
		{5, []watch{{span.SYS, two}}, 3, []*wire.Watched{{Source: "SYS", Since: 4, Addresses: bytes(two)}}},
		{6, []watch{{span.SYS, one}, {span.SYS, two}}, 4, []*wire.Watched{{Source: "SYS", Since: 6, Addresses: bytes(one)}, {Source: "SYS", Since: 4, Addresses: bytes(two)}}},
	} {
		w.set(step.now, step.at)
		got, changes := w.report()
		if d := cmp.Diff(step.want, got, protocmp.Transform()); d != "" || changes != step.changes {
			t.Errorf("at %d: %d changes, want %d (-want +got):\n%s", step.at, changes, step.changes, d)
		}
	}
}
