package net

import (
	"encoding/binary"
	"net/netip"
)

// packet is what is known of a captured packet of TCP, or of UDP with DNS. Its payload points into the frame.
type packet struct {
	src, dst         [16]byte // IPv4 as ::ffff:a.b.c.d
	srcPort, dstPort uint16
	seq, ack         uint32
	flags            byte
	payload          []byte // what was captured of it
	payloadLen       int    // what there was, by the IP header
	tunnels          tunnels
}

// TCP flags.
const (
	flagFIN = 1 << 0
	flagSYN = 1 << 1
	flagRST = 1 << 2
	flagACK = 1 << 4
)

// EtherTypes and IP protocol numbers.
const (
	etherIPv4  = 0x0800
	etherIPv6  = 0x86dd
	etherVLAN  = 0x8100
	etherQinQ  = 0x88a8
	etherTrans = 0x6558 // an Ethernet frame inside GRE or Geneve

	protoHopByHop = 0
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoAuth     = 51
	protoDestOpts = 60
)

// outcome says what a frame turned out to be.
type outcome uint8

const (
	isTCP      outcome = iota
	isDNS              // a datagram, as far as its ports tell
	notTCP             // anything else
	isFragment         // not the first fragment of a datagram: it has no ports
	isCut              // the capture ends inside a header, or the headers contradict themselves
)

// parse finds the innermost TCP header, or UDP header of DNS, of an Ethernet frame and fills p; wireLen is the
// frame's length before it was cut for capture. Checksums are not looked at: those of
// packets that have not left the machine are not filled in yet. It allocates nothing.
func (p *packet) parse(frame []byte, wireLen int) outcome {
	p.tunnels = 0
	return p.ethernet(frame, wireLen)
}

func (p *packet) ethernet(b []byte, wire int) outcome {
	if len(b) < 14 {
		return isCut
	}
	kind := binary.BigEndian.Uint16(b[12:])
	b, wire = b[14:], wire-14
	for kind == etherVLAN || kind == etherQinQ {
		if len(b) < 4 {
			return isCut
		}
		kind = binary.BigEndian.Uint16(b[2:])
		b, wire = b[4:], wire-4
	}
	return p.network(kind, b, wire)
}

func (p *packet) network(kind uint16, b []byte, wire int) outcome {
	switch kind {
	case etherIPv4:
		return p.ipv4(b, wire)
	case etherIPv6:
		return p.ipv6(b, wire)
	case etherTrans:
		return p.ethernet(b, wire)
	}
	return notTCP
}

func (p *packet) ipv4(b []byte, wire int) outcome {
	if len(b) < 20 {
		return isCut
	}
	header := int(b[0]&15) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		total = wire // offloaded segments of more than 64 KiB
	}
	if b[0]>>4 != 4 || header < 20 || total < header || len(b) < header {
		return isCut
	}
	if binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return isFragment
	}
	p.src = v4mapped([4]byte(b[12:16]))
	p.dst = v4mapped([4]byte(b[16:20]))
	return p.transport(b[9], 4, b[header:min(len(b), total)], total-header)
}

func v4mapped(a [4]byte) (m [16]byte) {
	m[10], m[11] = 0xff, 0xff
	copy(m[12:], a[:])
	return m
}

func (p *packet) ipv6(b []byte, wire int) outcome {
	if len(b) < 40 {
		return isCut
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length == 0 {
		length = wire - 40 // a jumbogram
	}
	if b[0]>>4 != 6 || length < 0 {
		return isCut
	}
	p.src, p.dst = [16]byte(b[8:24]), [16]byte(b[24:40])
	next := b[6]
	b = b[40:min(len(b), 40+length)]
	for {
		size := 0
		switch next {
		case protoHopByHop, protoRouting, protoDestOpts:
			if len(b) < 2 {
				return isCut
			}
			size = 8 + 8*int(b[1])
		case protoAuth:
			if len(b) < 2 {
				return isCut
			}
			size = 8 + 4*int(b[1])
		case protoFragment:
			if len(b) < 8 {
				return isCut
			}
			if binary.BigEndian.Uint16(b[2:])&0xfff8 != 0 {
				return isFragment
			}
			size = 8
		default:
			return p.transport(next, 6, b, length)
		}
		if len(b) < size || length < size {
			return isCut
		}
		next, b, length = b[0], b[size:], length-size
	}
}

// transport goes on behind an IP header; length is what follows it on the wire.
func (p *packet) transport(proto byte, version int, b []byte, length int) outcome {
	switch proto {
	case protoTCP:
		return p.tcp(b, length)
	case protoIPv4:
		if !p.tunnels.push(tunnelOfIP(4, version)) {
			return isCut
		}
		return p.ipv4(b, length)
	case protoIPv6:
		if !p.tunnels.push(tunnelOfIP(6, version)) {
			return isCut
		}
		return p.ipv6(b, length)
	case protoGRE:
		return p.gre(b, length)
	case protoUDP:
		return p.udp(b, length)
	}
	return notTCP
}

func (p *packet) tcp(b []byte, length int) outcome {
	if len(b) < 20 {
		return isCut
	}
	header := int(b[12]>>4) * 4
	if header < 20 || length < header {
		return isCut
	}
	p.srcPort, p.dstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	p.seq, p.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.flags = b[13]
	p.payloadLen = length - header
	p.payload = b[min(len(b), header):]
	return isTCP
}

func addrPort(ip [16]byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(ip).Unmap(), port)
}
