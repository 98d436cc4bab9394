package agent

import (
	"net"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

type from struct {
	net.Conn
	remote string
}

func (f from) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.remote))
}

// A Service on any port may lead to the receivers: an export is known by the connection it came by, for
// a while after its end, too.
func TestExportsAreKnownByTheirConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c remotes
		conn := from{remote: "[::ffff:10.244.1.7]:40000"}
		begin := time.Now()
		is := func(want bool, when string, start, end time.Duration) {
			t.Helper()
			s := span.Span{Client: netip.MustParseAddrPort("10.244.1.7:40000"), Start: begin.Add(start).UnixNano(), Duration: uint64(end - start)}
			if c.export(&s) != want {
				t.Errorf("%s: %v", when, !want)
			}
		}
		is(false, "nothing came by it", 0, time.Second)
		time.Sleep(time.Minute)
		c.note(conn, http.StateNew)
		c.note(conn, http.StateIdle)
		time.Sleep(time.Hour)
		is(true, "open for an hour", 30*time.Minute, 31*time.Minute)
		is(true, "sent before it was accepted", time.Minute-time.Second, time.Minute+time.Millisecond)
		is(false, "the port was another's before", 0, time.Minute-time.Second)
		c.note(conn, http.StateClosed)
		is(true, "just closed", time.Hour, time.Hour+time.Minute)
		is(true, "reported when the connection ended", time.Hour, time.Hour+time.Minute+time.Millisecond)
		is(false, "the port is another's now", time.Hour+time.Minute+time.Second, time.Hour+time.Minute+2*time.Second)
		time.Sleep(time.Minute)
		c.note(conn, http.StateNew)
		is(false, "between two exports by the same port", time.Hour+90*time.Second, time.Hour+91*time.Second)
		time.Sleep(remembered)
		c.note(conn, http.StateClosed)
		c.forget(time.Now().Add(remembered + time.Second))
		is(false, "long closed", time.Hour+4*time.Minute, time.Hour+4*time.Minute)
	})
}
