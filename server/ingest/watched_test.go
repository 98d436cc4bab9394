package ingest

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

func sixteen(addresses ...string) (data []byte) {
	for _, a := range addresses {
		ip := netip.MustParseAddr(a).As16()
		data = append(data, ip[:]...)
	}
	return data
}

func TestTheNewestReportOfAnAgentSaysWhatItLooksAt(t *testing.T) {
	t.Parallel()
	s := New(&memory{}, noTags{}, Options{})
	report := func(agent string, now int64, watched ...*wire.Watched) {
		t.Helper()
		if _, err := s.Report(t.Context(), &wire.ReportRequest{Agent: agent, Node: "node-" + agent, Now: now, Watched: watched}); err != nil {
			t.Fatal(err)
		}
	}
	report("a", 100, &wire.Watched{Source: "SYS", Since: 50, Addresses: sixteen("10.0.0.1", "fd00::1")}, &wire.Watched{Source: "NET", Since: 60, Addresses: sixteen("10.0.0.1")})
	report("a", 101) // a heartbeat says nothing of it
	report("a", 160, &wire.Watched{Source: "SYS", Since: 50, Addresses: sixteen("10.0.0.1")},
		&wire.Watched{Source: "NET", Since: 999, Addresses: sixteen("10.0.0.2")}, // by a clock that was set back
		&wire.Watched{Source: "something newer", Addresses: sixteen("10.0.0.3")})
	want := []store.Watch{
		{Address: netip.MustParseAddr("10.0.0.1"), Source: span.SYS, Node: "node-a", Agent: "a", Since: 50, Until: 160},
		{Address: netip.MustParseAddr("10.0.0.2"), Source: span.NET, Node: "node-a", Agent: "a", Since: 160, Until: 160},
	}
	if d := cmp.Diff(want, s.Watched(), cmpopts.EquateComparable(netip.Addr{})); d != "" {
		t.Errorf("watched (-want +got):\n%s", d)
	}
	if again := s.Watched(); len(again) != 0 {
		t.Errorf("handed over twice: %v", again)
	}
	if came, dropped := s.WatchReports(); came != 2 || dropped != 0 {
		t.Errorf("counted %d and %d dropped", came, dropped)
	}
}

func TestReportsOfWhatIsWatchedAreBounded(t *testing.T) {
	t.Parallel()
	s := New(&memory{}, noTags{}, Options{Agents: 1})
	for what, w := range map[string]*wire.Watched{
		"too many addresses": {Source: "SYS", Addresses: make([]byte, 16*(maxWatched+1))},
		"half an address":    {Source: "SYS", Addresses: make([]byte, 17)},
	} {
		if _, err := s.Report(t.Context(), &wire.ReportRequest{Agent: "a", Watched: []*wire.Watched{w}}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, agent := range []string{"a", "b", "a"} {
		if _, err := s.Report(t.Context(), &wire.ReportRequest{Agent: agent, Watched: []*wire.Watched{{Source: "SYS", Addresses: sixteen("10.0.0.1")}}}); err != nil {
			t.Fatal(err)
		}
	}
	if came, dropped := s.WatchReports(); came != 3 || dropped != 1 || len(s.Watched()) != 1 {
		t.Errorf("%d reports, %d dropped; want 3 and the one of b", came, dropped)
	}
}
