package front

import (
	"strings"
	"time"
)

// firstAgain and lastAgain are how long an abandoned statement is given to end before it is killed
// again.
const (
	firstAgain = 100 * time.Millisecond
	lastAgain  = 5 * time.Second
)

// abandon ends a statement whose caller has gone away.
func (s *Server) abandon(st *statement, done <-chan struct{}) {
	killUntil(done, firstAgain, func() {
		_ = s.kill.Exec("KILL QUERY WHERE startsWith(query, " + quote(strings.TrimSpace(st.tag)) + ") ASYNC") // tried again
	})
}

// killUntil kills until done. Once is not enough: the engine may not have begun the statement yet, or
// may have no memory left for another one, most of all where the statement took it.
func killUntil(done <-chan struct{}, pause time.Duration, kill func()) {
	for {
		kill()
		select {
		case <-done:
			return
		case <-time.After(pause):
			pause = min(2*pause, lastAgain)
		}
	}
}
