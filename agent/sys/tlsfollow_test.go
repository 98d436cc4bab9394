package sys

import "testing"

// A read that began before the probes gives an answer that nobody sees: what is asked next is not answered by it.
func TestFollowingBeginsWhereNothingCanBeMistaken(t *testing.T) {
	t.Parallel()
	const write, read = true, false
	for _, c := range []struct {
		what   string
		serves bool
		calls  []bool
		from   int // the first call that is followed
	}{
		{"a client, the first answer unseen", false, []bool{write, write, read, write, read}, 3},
		{"a client, in an answer", false, []bool{read, read, write, read}, 2},
		{"a server, the first request unseen", true, []bool{write, read, write}, 1},
		{"a server, in time", true, []bool{read, write}, 0},
	} {
		var f following
		for i, out := range c.calls {
			if got := f.from(out, c.serves); got != (i >= c.from) {
				t.Errorf("%s: call %d is followed: %t", c.what, i, got)
			}
		}
	}
}
