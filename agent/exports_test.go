package agent

import (
	"net"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

type from struct {
	net.Conn
	remote string
}

func (f from) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.remote))
}

// A Service on any port may lead to the receivers: an export is known by the connection it came by, for
// a while after its end, too, and until another has its port.
func TestExportsAreKnownByTheirConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c remotes
		conn := from{remote: "[::ffff:10.244.1.7]:40000"}
		client := netip.MustParseAddrPort("10.244.1.7:40000")
		is := func(want bool, when string) {
			t.Helper()
			if c.export(client) != want {
				t.Errorf("%s: %v", when, !want)
			}
		}
		is(false, "before")
		c.note(conn, http.StateNew)
		c.note(conn, http.StateIdle)
		time.Sleep(time.Hour)
		is(true, "open for an hour")
		c.note(conn, http.StateClosed)
		time.Sleep(remembered - time.Second)
		is(true, "just closed")
		time.Sleep(2 * time.Second)
		is(false, "long closed")
	})
}
