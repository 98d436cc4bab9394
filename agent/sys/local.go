package sys

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"slices"
	"unsafe"

	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/bpf"
	"github.com/throughline-io/throughline/pkg/span"
)

// localLooks is how many calls of an AF_UNIX stream are read in vain until it is left alone.
const localLooks = 32

// localEnds is what is known of an AF_UNIX stream.
type localEnds struct {
	peer   uint64         // inode number of the other end's socket; 0: not known
	serves bool           // this end was accepted
	path   string         // name of the socket that listens; "@" begins one that is in no file system
	other  netip.AddrPort // what stands for the other end
	met    bool           // both ends are known to each other
	unread int            // calls in vain
}

func endsOf(e *event) *localEnds {
	path := unsafe.Slice((*byte)(unsafe.Pointer(&e.ends.Path[0])), len(e.ends.Path))
	path = path[:min(int(e.ends.Length), len(path))]
	if len(path) > 0 && path[0] == 0 {
		path = append([]byte{'@'}, path[1:]...)
	} else if i := bytes.IndexByte(path, 0); i >= 0 {
		path = path[:i]
	}
	l := &localEnds{peer: e.ends.Peer, serves: e.ends.Serves != 0, path: string(path)}
	l.other = l.server()
	return l
}

// meet takes what a later call says of the ends: the other one may have been accepted since. Of one that was closed
// meanwhile nothing is told any more but by itself.
func (c *Capture) meet(s *socket, e *event) {
	if s.ends.peer != 0 && s.ends.met {
		return
	}
	if e.ends.Peer != 0 {
		s.ends.peer = e.ends.Peer
	}
	if other := c.sockets.known[s.ends.peer]; other != nil && other.ends != nil {
		other.ends.peer, other.ends.met, s.ends.met = s.inode, true, true
	}
}

var pathSeed = maphash.MakeSeed()

// server stands for the other end where an address tells servers apart; of clients nothing does.
func (l *localEnds) server() netip.AddrPort {
	if l.serves {
		return netip.AddrPort{}
	}
	discard := [16]byte{0: 1} // 100::/64, which nobody has
	binary.BigEndian.PutUint64(discard[8:], maphash.String(pathSeed, l.path))
	return netip.AddrPortFrom(netip.AddrFrom16(discard), 0)
}

// attributesOf are those of a session, and what it went by.
func (l *localEnds) attributesOf(r *session.Session) []span.Attribute {
	list := append(slices.Clip(r.L7.Attributes), span.Attribute{Key: "network.transport", Value: "unix", Type: span.AttributeString})
	if l.path == "" {
		return list
	}
	key := "network.local.address"
	if r.LocalIsClient {
		key = "network.peer.address"
	}
	return append(list, span.Attribute{Key: key, Value: l.path, Type: span.AttributeString})
}

// fedLocally looks after a call whether the stream's bytes can be read.
func (c *Capture) fedLocally(s *socket) {
	if s.conn.Readable() {
		s.ends.unread = 0
		c.take(s, s.readable())
		return
	}
	c.unreadable(s)
	if s.ends.unread++; s.ends.unread == localLooks && s.open == 0 {
		c.counts.alone.Add(1)
		c.alone.Put(s.inode, s.used)
		c.take(s, modeOff)
	}
}

// lookAgain ends that a socket is left alone.
func (c *Capture) lookAgain(inode uint64) {
	if s := c.sockets.known[inode]; s != nil && s.ends != nil {
		c.drop(inode, s)
	}
}

// endedLocally takes that nothing more comes from the other end. The server's has closed it then; a client may wait
// for its answer.
func (c *Capture) endedLocally(s *socket, how bpf.SockioEnd, now uint64) {
	wall, other := c.clock.Wall(now), c.sockets.known[s.ends.peer]
	if other != nil && other.ends == nil {
		other = nil
	}
	both := []*socket{s, other}
	for _, one := range both {
		switch {
		case one == nil:
		case how == bpf.SockioEndEND_RESET:
			one.conn.Reset(wall)
		default:
			one.conn.Fin(one != s, wall)
		}
	}
	over := !s.ends.serves || how == bpf.SockioEndEND_RESET
	for _, one := range both {
		if one == nil || !over && one.open > 0 {
			continue
		}
		c.causes.Ended(&one.cause, wall)
		c.drop(one.inode, one)
		c.endedLocals.Put(one.inode, int64(now))
	}
}
