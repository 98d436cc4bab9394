package net

import (
	"net/netip"
	"strings"
	"testing"
)

// shapes are the encapsulations that are known, around the same request.
var shapes = []struct {
	name  string
	v6    bool // the innermost IP header
	frame func(flags byte, payload string) []byte
}{
	{"", false, func(f byte, p string) []byte { return eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p))) }},
	{"", false, func(f byte, p string) []byte { return eth(etherIPv4, ip4options(protoTCP, tcp(f, p))) }},
	{"", false, func(f byte, p string) []byte {
		return eth(etherQinQ, vlan(etherVLAN, vlan(etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p)))))
	}},
	{"", true, func(f byte, p string) []byte { return eth(etherIPv6, ip6(protoTCP, tcp(f, p))) }},
	{"", true, func(f byte, p string) []byte { return eth(etherIPv6, ip6(protoHopByHop, hop(protoTCP, tcp(f, p)))) }},
	{"ipip", false, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoIPv4, nodeA, nodeB, ip4(protoTCP, podA, podB, tcp(f, p))))
	}},
	{"ipip", false, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoIPv4, nodeA, nodeB, ip4options(protoTCP, tcp(f, p))))
	}},
	{"6in4", true, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoIPv6, nodeA, nodeB, ip6(protoTCP, tcp(f, p))))
	}},
	{"4in6", false, func(f byte, p string) []byte {
		return eth(etherIPv6, ip6(protoIPv4, ip4(protoTCP, podA, podB, tcp(f, p))))
	}},
	{"6in6", true, func(f byte, p string) []byte { return eth(etherIPv6, ip6(protoIPv6, ip6(protoTCP, tcp(f, p)))) }},
	{"vxlan", false, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoUDP, nodeA, nodeB, udp(portVXLAN, vxlan(eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p)))))))
	}},
	{"vxlan", false, func(f byte, p string) []byte {
		return eth(etherIPv6, ip6(protoUDP, udp(portVXLANLinux, vxlan(eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p)))))))
	}},
	{"geneve", false, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoUDP, nodeA, nodeB, udp(portGeneve, geneve(etherTrans, eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p)))))))
	}},
	{"gre", false, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoGRE, nodeA, nodeB, gre(0, etherIPv4, ip4(protoTCP, podA, podB, tcp(f, p)))))
	}},
	{"gre", true, func(f byte, p string) []byte {
		return eth(etherIPv4, ip4(protoGRE, nodeA, nodeB, gre(0xb000, etherTrans, eth(etherIPv6, ip6(protoTCP, tcp(f, p))))))
	}},
	{"vxlan,ipip", false, func(f byte, p string) []byte {
		inner := ip4(protoIPv4, nodeA, nodeB, ip4(protoTCP, podA, podB, tcp(f, p)))
		return eth(etherIPv4, ip4(protoUDP, nodeA, nodeB, udp(portVXLAN, vxlan(eth(etherIPv4, inner)))))
	}},
}

const payload = "GET / HTTP/1.1\r\n\r\n"

func TestParse(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		var p packet
		frame := s.frame(pushAck, payload)
		if got := p.parse(frame, len(frame)); got != isTCP {
			t.Errorf("%s: outcome %d", s.name, got)
			continue
		}
		from, to := "10.244.1.10:40000", "10.244.3.10:8080"
		if s.v6 {
			from, to = "[fd00::1]:40000", "[fd00::2]:8080"
		}
		if p.from().String() != from || p.to().String() != to || p.seq != 0x1020 || p.flags != pushAck || p.tunnels.String() != s.name ||
			string(p.payload) != payload || p.payloadLen != len(payload) {
			t.Errorf("%s: %v > %v, seq %x, flags %x, tunnels %v, payload %q of %d", s.name, p.from(), p.to(), p.seq, p.flags, p.tunnels, p.payload, p.payloadLen)
		}
	}
}

// Behind every known encapsulation at least 1 KiB of payload is captured, and the length
// of what was not is known.
func TestSnapLengthKeepsOneKiB(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60000)
	for _, s := range shapes {
		var p packet
		frame := s.frame(pushAck, long)
		if p.parse(frame[:snapLen], len(frame)) != isTCP || len(p.payload) < 1024 || p.payloadLen != len(long) {
			t.Errorf("%s: %d of %d bytes of payload", s.name, len(p.payload), p.payloadLen)
		}
	}
}

// Every prefix of every frame is taken cleanly; a whole header gives the whole truth.
func TestEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		frame := s.frame(pushAck, payload)
		for n := range len(frame) {
			var p packet
			got := p.parse(frame[:n:n], len(frame))
			if got == isTCP && (p.payloadLen != len(payload) || string(p.payload) != payload[:len(p.payload)]) {
				t.Errorf("%s, %d bytes: payload %q of %d", s.name, n, p.payload, p.payloadLen)
			}
			if headers := len(frame) - len(payload); got == isTCP && n < headers-12 || got != isTCP && n >= headers {
				t.Errorf("%s, %d bytes: outcome %d", s.name, n, got)
			}
		}
	}
}

func TestWhatIsNoTCP(t *testing.T) {
	t.Parallel()
	f := func(what string, frame []byte, want outcome) {
		t.Helper()
		var p packet
		if got := p.parse(frame, len(frame)); got != want {
			t.Errorf("%s: outcome %d, want %d", what, got, want)
		}
	}
	segment := tcp(ack, payload)
	f("ARP", eth(0x0806, make([]byte, 28)), notTCP)
	f("ICMP", eth(etherIPv4, ip4(1, podA, podB, make([]byte, 8))), notTCP)
	f("NTP", eth(etherIPv4, ip4(protoUDP, podA, podB, udp(123, make([]byte, 30)))), notTCP)
	f("UDP to VXLAN's port that is no VXLAN", eth(etherIPv4, ip4(protoUDP, podA, podB, udp(portVXLAN, make([]byte, 60)))), notTCP)
	f("GRE version 1", eth(etherIPv4, ip4(protoGRE, podA, podB, gre(1, 0x880b, make([]byte, 40)))), notTCP)
	second := ip4(protoTCP, podA, podB, segment)
	second[6], second[7] = 0, 100
	f("a second fragment", eth(etherIPv4, second), isFragment)
	f("a second fragment of IPv6", eth(etherIPv6, ip6(protoFragment, concat([]byte{protoTCP, 0, 1, 0, 0, 0, 0, 1}, segment))), isFragment)
	short := tcp(ack, "")
	short[12] = 0x10
	f("a TCP header shorter than itself", eth(etherIPv4, ip4(protoTCP, podA, podB, short)), isCut)
	lying := ip4(protoTCP, podA, podB, segment)
	lying[3] = 10
	f("an IP length shorter than its header", eth(etherIPv4, lying), isCut)
	deep := ip4(protoTCP, podA, podB, segment)
	for range 9 {
		deep = ip4(protoIPv4, nodeA, nodeB, deep)
	}
	f("more tunnels than there are names for", eth(etherIPv4, deep), isCut)
}

// An offloaded packet of more than 64 KiB states no length: the frame's counts.
func TestLengthOfHugePackets(t *testing.T) {
	t.Parallel()
	frame := eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(ack, payload)))
	frame[16], frame[17] = 0, 0
	var p packet
	if p.parse(frame, len(frame)+100000) != isTCP || p.payloadLen != len(payload)+100000 || string(p.payload) != payload {
		t.Errorf("payload %q of %d", p.payload, p.payloadLen)
	}
}

// Bytes behind the IP packet, which short Ethernet frames have, are no payload.
func TestPaddingIsNoPayload(t *testing.T) {
	t.Parallel()
	frame := append(eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(ack, ""))), make([]byte, 6)...)
	var p packet
	if p.parse(frame, len(frame)) != isTCP || p.payloadLen != 0 || len(p.payload) != 0 {
		t.Errorf("payload %q of %d", p.payload, p.payloadLen)
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	for _, s := range shapes {
		frame := s.frame(pushAck, payload)
		var p packet
		if n := testing.AllocsPerRun(100, func() { p.parse(frame, len(frame)) }); n != 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range shapes {
		f.Add(s.frame(pushAck, payload), 0)
	}
	f.Fuzz(func(t *testing.T, frame []byte, more int) {
		var p packet
		wire := len(frame) + max(0, more%100000)
		if p.parse(frame, wire) == isTCP && (p.payloadLen < 0 || len(p.payload) > p.payloadLen || len(p.payload) > len(frame)) {
			t.Errorf("payload %d of %d in a frame of %d", len(p.payload), p.payloadLen, len(frame))
		}
		_ = p.tunnels.String()
		runFilter(t, frame)
	})
}

var sinkPacket packet

func BenchmarkParse(b *testing.B) {
	for _, s := range shapes {
		if s.v6 {
			continue
		}
		frame := s.frame(pushAck, payload)
		b.Run("tunnel="+s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkPacket.parse(frame, len(frame))
			}
		})
	}
}

func (p *packet) from() netip.AddrPort { return addrPort(p.src, p.srcPort) }
func (p *packet) to() netip.AddrPort   { return addrPort(p.dst, p.dstPort) }
