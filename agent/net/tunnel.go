package net

import (
	"encoding/binary"
	"strings"
)

// tunnels are the tiers of encapsulation of a packet, four bits each; the outermost is in
// the highest bits that are set.
type tunnels uint32

// The kinds of tiers. 4in6 is IPv4 inside IPv6; IPv4 inside IPv4 is called ipip.
const (
	tunnelIPIP tunnels = 1 + iota
	tunnel6in4
	tunnel4in6
	tunnel6in6
	tunnelGRE
	tunnelVXLAN
	tunnelGeneve
)

var tunnelNames = [...]string{"", "ipip", "6in4", "4in6", "6in6", "gre", "vxlan", "geneve"}

// push adds an inner tier; false: there are too many.
func (t *tunnels) push(kind tunnels) bool {
	if *t>>28 != 0 {
		return false
	}
	*t = *t<<4 | kind
	return true
}

// String names the tiers, outermost first: "vxlan,ipip".
func (t tunnels) String() string {
	if t < tunnels(len(tunnelNames)) {
		return tunnelNames[t]
	}
	var names []string
	for shift := 28; shift >= 0; shift -= 4 {
		if kind := t >> shift & 15; kind != 0 && int(kind) < len(tunnelNames) {
			names = append(names, tunnelNames[kind])
		}
	}
	return strings.Join(names, ",")
}

func tunnelOfIP(inner, outer int) tunnels {
	switch {
	case inner == 4 && outer == 4:
		return tunnelIPIP
	case inner == 6 && outer == 4:
		return tunnel6in4
	case inner == 4:
		return tunnel4in6
	}
	return tunnel6in6
}

// UDP ports of tunnels, by the receiver's port.
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472 // the kernel's old default, and flannel's
	portGeneve     = 6081
)

func (p *packet) udp(b []byte, length int) outcome {
	if len(b) >= 8 && length >= 8 {
		if p.srcPort, p.dstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]); p.srcPort == portDNS || p.dstPort == portDNS {
			return p.datagram(b)
		}
	}
	if len(b) < 16 { // UDP's header and the tunnel's
		return notTCP
	}
	switch port, b, length := binary.BigEndian.Uint16(b[2:]), b[8:], length-8; port {
	case portVXLAN, portVXLANLinux:
		if b[0]&0x08 == 0 { // no network identifier: not VXLAN
			return notTCP
		}
		if !p.tunnels.push(tunnelVXLAN) {
			return isCut
		}
		return p.ethernet(b[8:], length-8)
	case portGeneve:
		options := int(b[0]&0x3f) * 4
		if b[0]>>6 != 0 {
			return notTCP
		}
		if len(b) < 8+options || !p.tunnels.push(tunnelGeneve) {
			return isCut
		}
		return p.network(binary.BigEndian.Uint16(b[2:]), b[8+options:], length-8-options)
	}
	return notTCP
}

func (p *packet) gre(b []byte, length int) outcome {
	if len(b) < 4 {
		return isCut
	}
	flags := binary.BigEndian.Uint16(b)
	if flags&7 != 0 { // version 1 is PPTP's
		return notTCP
	}
	header := 4
	for _, present := range [...]uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence
		if flags&present != 0 {
			header += 4
		}
	}
	if len(b) < header || !p.tunnels.push(tunnelGRE) {
		return isCut
	}
	return p.network(binary.BigEndian.Uint16(b[2:]), b[header:], length-header)
}
