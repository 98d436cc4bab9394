package sys

import (
	"net/netip"
	"time"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/bpf"
)

// socket is a TCP socket of a traced process, an AF_UNIX stream, or a UDP socket by which names are asked for.
type socket struct {
	inode         uint64
	netns         uint32
	local, remote netip.AddrPort // of TCP; of UDP those of the latest datagram
	ends          *localEnds     // of an AF_UNIX stream; nil: it is of TCP
	process       *process       // that used it last
	conn          *session.Conn  // of UDP nil
	datagram      bool           // it is of UDP
	tls           *tlsSocket     // what is said on it goes through TLS; nil: it does not, as far as was seen
	turns         int            // calls that were waited through for TLS, behind another protocol
	ours          bool           // left out

	serves bool // its process is asked by it, as far as its ends and its first bytes tell

	open     int    // sessions begun and not reported
	reported uint64 // sessions
	cause    causality.Connection
	used     int64              // by the kernel's monotonic clock
	unread   int                // calls in a row whose bytes could not be read
	asked    bool               // one that could not was incoming
	mode     bpf.SockioMode     // what the kernel takes of it
	blind    *causality.Process // that may be asked by it without anything of that being seen
	closing  int64              // when the connection ended, by the same; 0: not
}

const (
	// socketIdle is how long a socket without an open session is kept. One that speaks
	// again later is taken up anew, in the middle of its stream.
	socketIdle = 2 * time.Minute
	// socketForgotten is how long one with open sessions is: far beyond any timeout.
	socketForgotten = 45 * time.Minute
	// closeGrace is how long a socket with open sessions is kept whose connection has ended: calls
	// on it may still return, and what came before a reset can still be read.
	closeGrace = time.Second
)

// peer is who is at the other end, or what stands for it.
func (s *socket) peer() netip.AddrPort {
	if s.ends != nil {
		return s.ends.other
	}
	return s.remote
}

// socketTable knows the sockets in use, by inode number.
type socketTable struct {
	known     map[uint64]*socket
	datagrams map[uint64]*socket // of UDP
	limit     int                // per process
}

// expired reports whether a socket is to be dropped at now.
func (s *socket) expired(now int64) bool {
	idle := time.Duration(now - s.used)
	switch {
	case s.closing != 0 && time.Duration(now-s.closing) > closeGrace:
		return true
	case s.open == 0 && (s.mode != modeOff || s.ends != nil): // of one that is off no call is seen, until it is left alone no more
		return idle > socketIdle
	default:
		return idle > socketForgotten
	}
}

// ephemeral is the first port that Linux gives to who connects (net.ipv4.ip_local_port_range).
const ephemeral = 32768

// serving reports whether a connection is one by which its process is asked, by its ports, and by who spoke first
// where they do not tell.
func serving(local, remote uint16, out bool) bool {
	if l, r := local >= ephemeral, remote >= ephemeral; l != r {
		return r
	}
	return !out
}
