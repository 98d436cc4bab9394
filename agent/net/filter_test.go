package net

import (
	"testing"

	"golang.org/x/net/bpf"
)

// runFilter is how much of a frame the socket's program keeps.
func runFilter(t testing.TB, frame []byte) int {
	t.Helper()
	vm, err := bpf.NewVM(filter())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := vm.Run(frame)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// What carries TCP with payload, or opens or ends a connection, is kept, in whatever
// tunnel.
func TestFilterKeepsWhatCounts(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		for _, flags := range []byte{pushAck, ack | flagFIN} {
			if runFilter(t, s.frame(flags, payload)) == 0 {
				t.Errorf("%s: payload with flags %x is dropped", s.name, flags)
			}
		}
		for _, flags := range []byte{flagSYN, ack | flagSYN, ack | flagFIN, flagRST} {
			if runFilter(t, s.frame(flags, "")) == 0 {
				t.Errorf("%s: flags %x without payload are dropped", s.name, flags)
			}
		}
	}
}

// Bare acknowledgements are half of all packets: they stay outside where that is cheap.
func TestFilterDropsWhatDoesNot(t *testing.T) {
	t.Parallel()
	f := func(what string, frame []byte) {
		t.Helper()
		if n := runFilter(t, frame); n != 0 {
			t.Errorf("%s: keeps %d bytes", what, n)
		}
	}
	f("ARP", eth(0x0806, make([]byte, 28)))
	f("ICMP", eth(etherIPv4, ip4(1, podA, podB, make([]byte, 8))))
	f("NTP", eth(etherIPv4, ip4(protoUDP, podA, podB, udp(123, make([]byte, 30)))))
	f("an acknowledgement", eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(ack, ""))))
	f("one with IP options", eth(etherIPv4, ip4options(protoTCP, tcp(ack, ""))))
	f("one inside IPIP", eth(etherIPv4, ip4(protoIPv4, nodeA, nodeB, ip4(protoTCP, podA, podB, tcp(ack, "")))))
	f("one inside VXLAN", eth(etherIPv4, ip4(protoUDP, nodeA, nodeB, udp(portVXLAN, vxlan(eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(ack, ""))))))))
	f("one inside IPIP with options", eth(etherIPv4, ip4(protoIPv4, nodeA, nodeB, ip4options(protoTCP, tcp(ack, "")))))
}

// An offloaded packet that states no length is kept.
func TestFilterKeepsHugePackets(t *testing.T) {
	t.Parallel()
	frame := eth(etherIPv4, ip4(protoTCP, podA, podB, tcp(ack, payload)))
	frame[16], frame[17] = 0, 0
	if runFilter(t, frame) == 0 {
		t.Error("dropped")
	}
}

// Of a packet whose messages are many at once as much is kept as of a request's header, of others what a frame of Ethernet carries.
func TestFilterKeepsPipelines(t *testing.T) {
	t.Parallel()
	for begins, want := range map[string]int{
		"GET / HTTP/1.1\r\n": headLen, "\x00\x00\x10\x01\x04\x00\x00\x00\x01": headLen, "*3\r\n$3\r\nSET": headLen, "*12\r\n$3\r\nDEL": headLen, "PUB a 1": headLen,
		"HMSG a 1": headLen, "\xda\xbb\xc2\x00": headLen, "\x01\x00\x01\x00\x00\x00\x10": headLen,
		"*three": snapLen, "\x01\x00\x01\x01": snapLen, "anything": snapLen, "HTTP/1.1 200 OK\r\n": snapLen,
	} {
		segment := ip4(protoTCP, podA, podB, tcp(pushAck, begins+string(make([]byte, 3000))))
		for name, frame := range map[string][]byte{
			"plain": eth(etherIPv4, segment), "IPIP": eth(etherIPv4, ip4(protoIPv4, nodeA, nodeB, segment)),
			"VXLAN": eth(etherIPv4, ip4(protoUDP, nodeA, nodeB, udp(portVXLAN, vxlan(eth(etherIPv4, segment))))),
		} {
			if got := runFilter(t, frame); got != want {
				t.Errorf("%q, %s: keeps %d, want %d", begins, name, got, want)
			}
		}
	}
}
