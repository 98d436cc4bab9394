package agent

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	// remembered is for how long after its end a connection is known as an export: spans of its last
	// requests come later.
	remembered = 2 * time.Minute
	maxRemotes = 65_536
)

// remotes are the senders' ends of the receivers' connections, and when each was closed; the zero time:
// it is open.
type remotes struct {
	mu sync.Mutex
	at map[netip.AddrPort]time.Time
}

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
			c.at = map[netip.AddrPort]time.Time{}
		}
		if len(c.at) >= maxRemotes {
			c.forget(time.Now())
		}
		if len(c.at) < maxRemotes {
			c.at[remote] = time.Time{}
		}
	case http.StateClosed, http.StateHijacked:
		if _, known := c.at[remote]; known {
			c.at[remote] = time.Now()
		}
	}
}

// forget drops those that ended long ago. The lock is held.
func (c *remotes) forget(now time.Time) {
	for r, at := range c.at {
		if !at.IsZero() && now.Sub(at) > remembered {
			delete(c.at, r)
		}
	}
}

// export reports whether a client's end is that of a connection to a receiver: whatever address and port
// it was sent to, such as those of a Service, it is an export and no request of the application.
func (c *remotes) export(client netip.AddrPort) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.at[client]
	return known && (at.IsZero() || time.Since(at) < remembered)
}
