package agent

import (
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	// remembered is for how long after its end a connection is known as an export: spans of its last
	// requests come later.
	remembered = 2 * time.Minute
	maxRemotes = 65_536
)

// noteRemote notes a sender's end of a connection. The lock is held.
func (c *connections) noteRemote(conn net.Conn, state http.ConnState) {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return // a unix socket
	}
	remote = netip.AddrPortFrom(remote.Addr().Unmap().WithZone(""), remote.Port())
	switch state {
	case http.StateNew:
		if c.remotes == nil {
			c.remotes = map[netip.AddrPort]time.Time{}
		}
		if len(c.remotes) >= maxRemotes {
			c.forget(time.Now())
		}
		if len(c.remotes) < maxRemotes {
			c.remotes[remote] = time.Time{}
		}
	case http.StateClosed, http.StateHijacked:
		if _, known := c.remotes[remote]; known {
			c.remotes[remote] = time.Now()
		}
	}
}

// forget drops those that ended long ago. The lock is held.
func (c *connections) forget(now time.Time) {
	for r, at := range c.remotes {
		if !at.IsZero() && now.Sub(at) > remembered {
			delete(c.remotes, r)
		}
	}
}

// export reports whether a client's end is that of a connection to a receiver: whatever address and port
// it was sent to, such as those of a Service, it is an export and no request of the application.
func (c *connections) export(client netip.AddrPort) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.remotes[client]
	return known && (at.IsZero() || time.Since(at) < remembered)
}
