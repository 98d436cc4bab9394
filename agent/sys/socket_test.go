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
