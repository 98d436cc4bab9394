package sys

import (
	"testing"
	"time"
)

func TestSocketExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		socket socket
		idle   time.Duration
		want   bool
	}{
		{"in use", socket{}, time.Second, false},
		{"idle", socket{}, socketIdle + 1, true},
		{"waits for an answer", socket{open: 1}, socketIdle + 1, false},
		{"waits for ever", socket{open: 1}, socketForgotten + 1, true},
		{"closed a moment ago", socket{open: 1, closing: 1}, closeGrace, false},
		{"closed", socket{open: 1, closing: 1}, closeGrace + 2, true},
	} {
		if got := c.socket.expired(int64(c.idle)); got != c.want {
			t.Errorf("%s: expired %t, want %t", c.name, got, c.want)
		}
	}
}

// Who is asked by a connection is who has the lower port; where both or neither are given out by the kernel, who is
// spoken to first.
func TestWhoIsAskedByAConnection(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		local, remote uint16
		out, want     bool
	}{
		{443, 40000, false, true}, {443, 40000, true, true}, {40000, 443, false, false},
		{50051, 40000, false, true}, {40000, 50051, true, false}, {22, 22, false, true},
	} {
		if got := serving(x.local, x.remote, x.out); got != x.want {
			t.Errorf("%+v: %v", x, got)
		}
	}
}
