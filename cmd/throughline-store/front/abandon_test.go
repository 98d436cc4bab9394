package front

import (
	"testing"
	"time"
)

// A statement that was not there yet when it was killed, or whose end was refused, is killed again.
func TestAnAbandonedStatementIsKilledUntilItEnds(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	tries := 0
	killUntil(done, time.Millisecond, func() {
		if tries++; tries == 4 {
			close(done)
		}
	})
	if tries != 4 {
		t.Errorf("killed %d times", tries)
	}
}
