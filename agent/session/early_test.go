package session_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A thread that is stopped inside write returns after another one has read the response:
// the two calls are seen the wrong way round, and their times overlap.
func TestResponseSeenBeforeItsRequest(t *testing.T) {
	t.Parallel()
	for _, c := range conversations() {
		if c.pipelined {
			continue // the early response may come in one read with another one's
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, c, clientISN, serverISN)
			for seed := range uint64(100) {
				r := rand.New(rand.NewPCG(seed, 4))
				pieces := cut(c.turns, clientISN, serverISN, whole)
				for i := 0; i+1 < len(pieces); i++ {
					if pieces[i].from == fromClient && pieces[i+1].from == fromServer && r.IntN(3) == 0 {
						pieces[i].seg.Exit = pieces[i+1].seg.Exit + 50
						pieces[i], pieces[i+1] = pieces[i+1], pieces[i]
						i++
					}
				}
				o := observe().feed(pieces...)
				if len(want) != len(o.sessions) {
					t.Fatalf("seed %d: %s", seed, cmp.Diff(want, o.sessions))
				}
				for i := range want { // a request may be answered before all of it was seen
					want[i].RequestSize, o.sessions[i].RequestSize = 0, 0
				}
				if diff := cmp.Diff(want, o.sessions); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s\nledger %v", seed, diff, o.ledger.Rows())
				}
			}
		})
	}
}

// A response that was over before the request began is not its answer.
func TestOldResponseAnswersNoNewRequest(t *testing.T) {
	t.Parallel()
	for _, local := range []speaker{fromClient, fromServer} {
		pieces := cut([]turn{{fromServer, ok5}, {fromClient, get}, {fromServer, noContent}}, 1, 1, whole)
		if local == fromServer { // as the server's process sees it, which began to read long ago
			for i := range pieces {
				pieces[i].from = !pieces[i].from
			}
			pieces[1].seg.Enter = 1
		}
		o := observe().feed(pieces...)
		if len(o.sessions) != 1 || o.sessions[0].Response != "204 ok" {
			t.Errorf("%v: %+v", local, o.sessions)
		}
		if !slices.ContainsFunc(o.ledger.Rows(), is("dropped: responses without request", 1)) {
			t.Errorf("ledger %v", o.ledger.Rows())
		}
	}
}
