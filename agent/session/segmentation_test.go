package session_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reference is what is seen when every turn is one segment.
func reference(t testing.TB, c conversation, clientSeq, serverSeq uint32) []summary {
	t.Helper()
	o := observe().feed(cut(c.turns, clientSeq, serverSeq, whole)...)
	if len(o.sessions) != c.sessions {
		t.Fatalf("%s: %d sessions, want %d: %+v\nledger %v", c.name, len(o.sessions), c.sessions, o.sessions, o.ledger.Rows())
	}
	return o.sessions
}

// The sequence numbers in these tests wrap around on the way.
const clientISN, serverISN = 0xffffff00, 0xfffffff0

// mangle is what a network and a recorder may do to a conversation's segments.
type mangle struct {
	sizes     func(i int) int
	reorder   int // segments of one side's run may arrive up to this many places late
	duplicate int // percent of the segments that are seen once more later
	capture   int // bytes captured of each segment; 0: all
}

func (m mangle) apply(r *rand.Rand, c conversation) []piece {
	pieces := cut(c.turns, clientISN, serverISN, m.sizes)
	for i := range pieces {
		if m.capture > 0 && len(pieces[i].seg.Data) > m.capture {
			pieces[i].seg.Data = pieces[i].seg.Data[:m.capture]
		}
	}
	if m.reorder > 0 {
		late := make([]int, len(pieces)) // by how many places
		for from := 0; from < len(pieces); {
			to := from
			for to < len(pieces) && pieces[to].from == pieces[from].from {
				to++
			}
			for i := from; i < to; i++ {
				j := min(to-1, i+r.IntN(m.reorder+1))
				if late[i]+j-i > 32 { // what is held behind a gap has its limit
					continue
				}
				late[i], late[j] = late[j], late[i]+j-i
				pieces[i], pieces[j] = pieces[j], pieces[i]
			}
			from = to
		}
	}
	var out []piece
	for i, p := range pieces {
		out = append(out, p)
		if r.IntN(100) < m.duplicate {
			again := pieces[max(0, i-r.IntN(8))]
			if keep := r.IntN(again.seg.Len) + 1; keep < len(again.seg.Data) && r.IntN(2) == 0 { // sent again in smaller pieces
				again.seg.Len, again.seg.Data = keep, again.seg.Data[:keep]
			}
			out = append(out, again)
		}
	}
	return out
}

func sizesFrom(r *rand.Rand) func(int) int {
	largest := []int{20, 150, 1400, 5000, 70000}[r.IntN(5)]
	return func(int) int {
		if r.IntN(10) == 0 {
			return 1 // a background read
		}
		return 1 + r.IntN(largest)
	}
}

// However the bytes are cut, repeated or reordered, the sessions are the same.
func TestAnySegmentationGivesTheSameSessions(t *testing.T) {
	t.Parallel()
	for _, c := range conversations() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, c, clientISN, serverISN)
			for seed := range uint64(150) {
				r := rand.New(rand.NewPCG(seed, 1))
				m := mangle{sizes: sizesFrom(r), reorder: r.IntN(5), duplicate: r.IntN(30)}
				o := observe()
				o.conn.Syn(true, clientISN-1)
				o.conn.Syn(false, serverISN-1)
				o.feed(m.apply(r, c)...)
				if diff := cmp.Diff(want, o.sessions); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s\nledger %v", seed, diff, o.ledger.Rows())
				}
			}
		})
	}
}

// A recorder that keeps 1 KiB of each segment sees the same sessions: bodies are passed by
// arithmetic. Where chunks or result rows lie in what was not kept, the next request ends
// the response.
func TestTruncatedCaptureGivesTheSameSessions(t *testing.T) {
	t.Parallel()
	for _, c := range conversations() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.pipelined {
				t.Skip("the end of a message of unknown length is told by the next request, which says nothing here")
			}
			want := reference(t, c, clientISN, serverISN)
			for i := range want { // text is cut
				want[i].Request = want[i].Request[:min(len(want[i].Request), 900)]
			}
			for seed := range uint64(100) {
				r := rand.New(rand.NewPCG(seed, 2))
				m := mangle{sizes: sizesFrom(r), capture: 1024, duplicate: r.IntN(20), reorder: r.IntN(3)}
				o := observe()
				o.conn.Syn(true, clientISN-1)
				o.conn.Syn(false, serverISN-1)
				o.feed(m.apply(r, c)...)
				o.conn.Sweep(1<<60, 1<<60)
				for i := range o.sessions {
					o.sessions[i].Request = o.sessions[i].Request[:min(len(o.sessions[i].Request), 900)]
				}
				if diff := cmp.Diff(want, o.sessions); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s\nledger %v", seed, diff, o.ledger.Rows())
				}
			}
		})
	}
}

// Capture that begins anywhere sees every session whose request begins after that, and
// nothing that is not there.
func TestCaptureMayBeginAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range conversations() {
		if c.pipelined || c.lookalike {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, c, clientISN, serverISN)
			pieces := cut(c.turns, clientISN, serverISN, func(int) int { return 700 })
			for begin := range pieces {
				o := observe().feed(pieces[begin:]...)
				o.conn.Close()
				var due []summary
				for _, s := range want {
					if after(s.RequestSeq, pieces[begin:]) {
						due = append(due, s)
					}
				}
				var got []summary
				for _, s := range o.sessions {
					if s.HasResponse {
						got = append(got, s)
					}
				}
				// COM_INIT_DB looks like too many other things to begin with.
				if len(due) > 0 && strings.Contains(due[0].Request, "COM_INIT_DB") {
					due = due[1:]
				}
				// What a prepared statement says is not known without its preparation.
				for i := range due {
					if i < len(got) && due[i].RequestSeq == got[i].RequestSeq {
						due[i].Request, got[i].Request = "", ""
					}
				}
				if diff := cmp.Diff(due, got); diff != "" {
					t.Fatalf("from piece %d on (-want +got):\n%s\nledger %v", begin, diff, o.ledger.Rows())
				}
			}
		})
	}
}

// after reports whether a request's first byte is in the pieces.
func after(seq uint32, pieces []piece) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool {
		return p.from == fromClient && seq-p.seg.Seq < uint32(p.seg.Len)
	})
}

// A lost segment costs its own session at most: the others are right.
func TestLossCostsOneSession(t *testing.T) {
	t.Parallel()
	for _, c := range conversations() {
		if c.pipelined || c.lookalike {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, c, clientISN, serverISN)
			pieces := cut(c.turns, clientISN, serverISN, func(int) int { return 700 })
			for lost := range pieces {
				o := observe()
				o.conn.Syn(true, clientISN-1)
				o.conn.Syn(false, serverISN-1)
				o.feed(pieces[:lost]...).feed(pieces[lost+1:]...)
				o.conn.Close()
				missing := 0
				for _, s := range want {
					if !slices.ContainsFunc(o.sessions, func(g summary) bool { return g.RequestSeq == s.RequestSeq && g.ResponseSeq == s.ResponseSeq }) {
						missing++
					}
				}
				wrong := ""
				for _, g := range o.sessions {
					if g.HasResponse && !slices.ContainsFunc(want, func(s summary) bool { return g.RequestSeq == s.RequestSeq && g.ResponseSeq == s.ResponseSeq }) {
						wrong += fmt.Sprintf("%+v ", g)
					}
				}
				if missing > 1 || wrong != "" {
					t.Fatalf("without piece %d: %d sessions missing, wrong: %s\nledger %v", lost, missing, wrong, o.ledger.Rows())
				}
			}
		})
	}
}
