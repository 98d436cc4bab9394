package causality

import (
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Requests wait for a connection of a pool to the database while others come in: what waits for that is known
// not to lead to calls of the backend.
func TestWhatLeadsToCallsOfAServer(t *testing.T) {
	t.Parallel()
	l := loop(Node)
	backend, database := netip.MustParseAddrPort("10.0.0.2:80"), netip.MustParseAddrPort("10.0.0.3:3306")
	now := int64(0)
	at := func(peer netip.AddrPort) *Moment {
		now++
		m := l.inLoop(now)
		m.Peer = peer
		return m
	}
	call := func(peer netip.AddrPort) *Passage {
		on, m := new(Connection), at(peer)
		p, claim := l.Call(l.Claim(m, on), m, on, 1)
		if claim.Rule() == span.RuleSoleRequest {
			return nil
		}
		return p
	}
	for range causesToKnow {
		of := l.reads(now)
		call(backend)
		l.Back(of, 0, at(backend))
		call(database)
		l.Back(of, 0, at(database))
		l.End(of, 5, now)
	}
	waits := l.reads(now)
	call(backend)
	l.Back(waits, 0, at(backend))
	next := l.reads(now)
	if got := call(backend); got != next {
		t.Errorf("the backend's call belongs to %v, want the request that was read last", got)
	}
	if got := call(database); got != waits {
		t.Errorf("the database's call belongs to %v, want the request whose answer of the backend was read", got)
	}
	others := []*Passage{l.reads(now), l.reads(now)}
	for _, of := range others {
		l.Back(of, 0, at(backend))
	}
	if got := call(database); got != nil {
		t.Errorf("of two that wait for the database %v is told", got)
	}
}

// A process that calls ever new servers is not remembered without bound.
func TestKindsAreBounded(t *testing.T) {
	t.Parallel()
	var k kinds
	for i := range 3 * kindsKept {
		server := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 80)
		k.learn(server, netip.AddrPort{})
		k.learn(netip.AddrPort{}, server)
	}
	if len(k) > kindsKept || len(k[netip.AddrPort{}].of) > kindsKept {
		t.Errorf("%d servers, %d kinds", len(k), len(k[netip.AddrPort{}].of))
	}
}
