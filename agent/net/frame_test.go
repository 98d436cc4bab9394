package net

import (
	"encoding/binary"
)

// The builders below wrap bytes into headers, innermost first: what a reader sees from
// right to left is what the wire carries from left to right.

func concat(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

func eth(kind int, b []byte) []byte {
	return concat([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, be16(kind), b)
}

func vlan(kind int, b []byte) []byte { return concat(be16(7), be16(kind), b) }

func ip4(proto byte, src, dst [4]byte, b []byte) []byte {
	return concat([]byte{0x45, 0}, be16(20+len(b)), []byte{0, 1, 0x40, 0, 64, proto, 0, 0}, src[:], dst[:], b)
}

// ip4options is ip4 with four bytes of options.
func ip4options(proto byte, b []byte) []byte {
	return concat([]byte{0x46, 0}, be16(24+len(b)), []byte{0, 1, 0x40, 0, 64, proto, 0, 0}, podA[:], podB[:], []byte{1, 1, 1, 0}, b)
}

func ip6(next byte, b []byte) []byte {
	src, dst := [16]byte{0xfd, 15: 1}, [16]byte{0xfd, 15: 2}
	return concat([]byte{0x60, 0, 0, 0}, be16(len(b)), []byte{next, 64}, src[:], dst[:], b)
}

// hop is a hop-by-hop options header of 8 bytes.
func hop(next byte, b []byte) []byte { return concat([]byte{next, 0, 1, 4, 0, 0, 0, 0}, b) }

func tcp(flags byte, payload string) []byte {
	return concat(be16(40000), be16(8080), []byte{0, 0, 0x10, 0x20, 0, 0, 0, 1, 0x80, flags, 0xff, 0xff, 0, 0, 0, 0},
		[]byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, []byte(payload))
}

func udp(port int, b []byte) []byte {
	return concat(be16(50000), be16(port), be16(8+len(b)), []byte{0, 0}, b)
}

func vxlan(b []byte) []byte { return concat([]byte{0x08, 0, 0, 0, 0, 0, 7, 0}, b) }

func geneve(kind int, b []byte) []byte {
	return concat([]byte{1, 0}, be16(kind), []byte{0, 0, 7, 0}, []byte{0, 1, 0x80, 0}, b) // with an option
}

func gre(flags, kind int, b []byte) []byte {
	header := concat(be16(flags), be16(kind))
	for _, present := range []int{0x8000, 0x2000, 0x1000} {
		if flags&present != 0 {
			header = append(header, 0, 0, 0, 7)
		}
	}
	return concat(header, b)
}

var (
	podA, podB   = [4]byte{10, 244, 1, 10}, [4]byte{10, 244, 3, 10}
	nodeA, nodeB = [4]byte{172, 30, 0, 1}, [4]byte{172, 30, 0, 3}
)

const (
	ack     = 0x10
	pushAck = 0x18
)
