package agent

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	// remembered is for how long after its end a connection is known as an export: spans of its last
	// requests come later.
	remembered = 2 * time.Minute
	maxRemotes = 65_536
)

// clockSlack is how far the times of spans, which are the kernel's, may lie from ours.
const clockSlack = 10 * time.Millisecond

// remotes are the senders' ends of the receivers' connections.
type remotes struct {
	mu sync.Mutex
	at map[netip.AddrPort]remoteTime
}

// remoteTime is when the latest connection from a sender's end was accepted and closed; the zero time: it is open.
type remoteTime struct{ accepted, closed time.Time }

// note notes a sender's end of a connection.
func (c *remotes) note(conn net.Conn, state http.ConnState) {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return // a unix socket
	}
	remote = netip.AddrPortFrom(remote.Addr().Unmap().WithZone(""), remote.Port())
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.at == nil {
			c.at = map[netip.AddrPort]remoteTime{}
		}
		if len(c.at) >= maxRemotes {
			c.forget(time.Now())
		}
		if len(c.at) < maxRemotes {
			c.at[remote] = remoteTime{accepted: time.Now()}
		}
	case http.StateClosed, http.StateHijacked:
		if at, known := c.at[remote]; known {
			c.at[remote] = remoteTime{at.accepted, time.Now()}
		}
	}
}

// forget drops those that ended long ago. The lock is held.
func (c *remotes) forget(now time.Time) {
	for r, at := range c.at {
		if !at.closed.IsZero() && now.Sub(at.closed) > remembered {
			delete(c.at, r)
		}
	}
}

// export reports whether a span is of a connection to a receiver: whatever address and port it was sent to, such as those of a Service, it is
// an export and no request of the application. Its end is another connection's at another time: the kernel gives a port again, at the same
// time to who connects to another server, and an exporter that keeps no connection, as PHP's, goes through many.
func (c *remotes) export(s *span.Span) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.at[s.Client]
	if !known {
		return false
	}
	// A request is sent before its connection is closed, and answered behind its being accepted.
	start, end := time.Unix(0, s.Start), time.Unix(0, s.Start+int64(s.Duration))
	return !end.Add(clockSlack).Before(at.accepted) && (at.closed.IsZero() || !start.Add(-clockSlack).After(at.closed))
}
