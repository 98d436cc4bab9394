package sys

import (
	"fmt"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// wantSessions waits for all sessions of a protocol at both ends, ends the capture, and checks that each end has as many
// of each kind as were made, and that both have the same.
func wantSessions(t *testing.T, s *seen, protocol string, want map[string]int, of func(*span.Span) string) {
	t.Helper()
	total := 0
	for _, n := range want {
		total += n
	}
	ends := []span.Point{span.PointClientProcess, span.PointServerProcess}
	for _, p := range ends {
		s.wait(total, func(sp *span.Span) bool { return sp.Protocol == protocol && sp.Point == p })
	}
	s.capture.Close()
	for _, p := range ends {
		wantTally(t, s, p.String(), tally(s, protocol, p, of), want)
	}
	checkEnds(t, s, protocol)
}

// tally counts spans by what they say, at one point.
func tally(s *seen, protocol string, p span.Point, of func(*span.Span) string) map[string]int {
	counts := map[string]int{}
	for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Protocol == protocol && sp.Point == p }) {
		counts[of(&sp)]++
	}
	return counts
}

// checkEnds checks that each session was seen once at each end, by the same sequence numbers.
func checkEnds(t *testing.T, s *seen, protocol string) {
	t.Helper()
	type session struct {
		client, server string
		asked, said    uint32
		what           string
	}
	ends := map[span.Point]map[session]int{span.PointClientProcess: {}, span.PointServerProcess: {}}
	for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Protocol == protocol }) {
		ends[sp.Point][session{sp.Client.String(), sp.Server.String(), sp.RequestSeq, sp.ResponseSeq, fmt.Sprint(sp.Type, sp.Resource, sp.Status, sp.Code)}]++
	}
	for p, own := range ends {
		for _, other := range ends {
			for session, n := range own {
				if n != 1 || other[session] != 1 {
					t.Errorf("%d times at %s, %d at the other end: %+v", n, p, other[session], session)
				}
			}
		}
	}
}

func wantTally(t *testing.T, s *seen, where string, got, want map[string]int) {
	t.Helper()
	for what, n := range want {
		if got[what] != n {
			t.Errorf("%s: %d times %q, want %d", where, got[what], what, n)
		}
		delete(got, what)
	}
	if len(got) > 0 {
		t.Errorf("%s: and %v\nledger:\n%s", where, got, s.lines())
	}
}
