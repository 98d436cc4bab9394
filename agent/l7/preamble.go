package l7

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/throughline-io/throughline/pkg/span"
)

// Preamble is what a load balancer puts in front of a connection's first message: the PROXY
// protocol, version 1 or 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt).
type Preamble struct {
	Size   int            // bytes of it
	Client netip.AddrPort // who connected to the load balancer; not valid if it does not say
}

const (
	proxyV1 = "PROXY "
	proxyV2 = "\r\n\r\n\x00\r\nQUIT\n"

	maxProxyV1 = 107
	maxProxyV2 = 16 + 2048
)

// ReadPreamble reads a preamble at the start of data. It answers MatchRequest if there is a
// whole one, MatchMore if there may be one.
func ReadPreamble(data []byte) (p Preamble, m Match) {
	switch {
	case len(data) == 0:
		return p, MatchMore
	case data[0] == proxyV1[0]:
		if m = prefixMatch(data, proxyV1, MatchRequest); m == MatchRequest {
			return proxyLine(data)
		}
	case data[0] == proxyV2[0]:
		if m = prefixMatch(data, proxyV2, MatchRequest); m == MatchRequest {
			return proxyBinary(data)
		}
	}
	return p, m
}

func proxyLine(data []byte) (p Preamble, m Match) {
	end := bytes.Index(data[:min(len(data), maxProxyV1)], []byte("\r\n"))
	if end < 0 {
		if len(data) >= maxProxyV1 {
			return p, MatchNone
		}
		return p, MatchMore
	}
	p.Size = end + 2
	fields := bytes.Split(data[len(proxyV1):end], []byte(" "))
	switch string(fields[0]) {
	case "UNKNOWN":
		return p, MatchRequest
	case "TCP4", "TCP6":
		if len(fields) != 5 {
			return Preamble{}, MatchNone
		}
		addr, err := netip.ParseAddr(string(fields[1]))
		port, err2 := strconv.ParseUint(string(fields[3]), 10, 16)
		if err == nil && err2 == nil {
			p.Client = netip.AddrPortFrom(addr.Unmap().WithZone(""), uint16(port))
			return p, MatchRequest
		}
	}
	return Preamble{}, MatchNone
}

func proxyBinary(data []byte) (p Preamble, m Match) {
	const fixed = len(proxyV2) + 4
	if len(data) < fixed {
		return p, MatchMore
	}
	size := fixed + int(binary.BigEndian.Uint16(data[fixed-2:]))
	switch version := data[len(proxyV2)]; {
	case version>>4 != 2 || version&15 > 1 || size > maxProxyV2:
		return p, MatchNone
	case len(data) < size:
		return p, MatchMore
	case version&15 == 0: // the load balancer's own: a check of health
		return Preamble{Size: size}, MatchRequest
	}
	p.Size = size
	addresses := data[fixed:size]
	switch family := data[len(proxyV2)+1] >> 4; {
	case family == 1 && len(addresses) >= 12:
		p.Client = netip.AddrPortFrom(netip.AddrFrom4([4]byte(addresses)), binary.BigEndian.Uint16(addresses[8:]))
	case family == 2 && len(addresses) >= 36:
		p.Client = netip.AddrPortFrom(netip.AddrFrom16([16]byte(addresses)).Unmap(), binary.BigEndian.Uint16(addresses[32:]))
	}
	return p, MatchRequest
}

// Attributes is what a preamble says, in OpenTelemetry's words.
func (p *Preamble) Attributes() []span.Attribute {
	if !p.Client.IsValid() {
		return nil
	}
	return []span.Attribute{
		{Key: "client.address", Value: p.Client.Addr().String(), Type: span.AttributeString},
		{Key: "client.port", Value: strconv.Itoa(int(p.Client.Port())), Type: span.AttributeInt},
	}
}
