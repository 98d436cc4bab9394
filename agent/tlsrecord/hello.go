package tlsrecord

import "encoding/binary"

// Hello is what the two sides say in clear when a connection begins.
type Hello struct {
	ServerName string // that the client asks for (RFC 6066, 3)
	Version    string // agreed on: "1.3"
	Protocol   string // agreed on by ALPN (RFC 7301); TLS 1.3 says it encrypted: then the only one that the client offers
}

const (
	clientHello = 1
	serverHello = 2

	extensionServerName = 0
	extensionALPN       = 16
	extensionVersions   = 43
)

// IsClient reports whether bytes begin with a client's first record.
func IsClient(data []byte) bool {
	return Begins(data) && data[0] == handshake && len(data) > HeaderSize && data[HeaderSize] == clientHello
}

// Take reads the beginning of a direction, a record of a handshake that may be cut off. It takes what is there.
func (h *Hello) Take(data []byte) {
	const randomSize = 32
	if !Begins(data) || data[0] != handshake || len(data) < HeaderSize+4 {
		return
	}
	kind, r := data[HeaderSize], reader(data[HeaderSize+4:])
	legacy := r.number(2)
	r.skip(randomSize)
	r.skip(r.number(1)) // session id
	switch kind {
	case clientHello:
		r.skip(r.number(2)) // cipher suites
		r.skip(r.number(1)) // compression
	case serverHello:
		r.skip(2 + 1)
		h.Version = version(legacy)
	default:
		return
	}
	extensions := r.part(r.number(2))
	for len(extensions) >= 4 {
		id, size := extensions.number(2), extensions.number(2)
		body := extensions.part(size)
		switch {
		case id == extensionServerName && kind == clientHello:
			body.skip(2)
			if body.number(1) == 0 { // host_name
				if n := body.number(2); n <= len(body) && n < 256 {
					h.ServerName = string(body[:n])
				}
			}
		case id == extensionVersions && kind == serverHello:
			h.Version = version(body.number(2))
		case id == extensionALPN:
			list := body.part(body.number(2))
			name := list.part(list.number(1))
			if kind == serverHello || len(list) == 0 && len(body) == 0 {
				h.Protocol = string(name)
			}
		}
	}
}

func version(n int) string {
	switch n {
	case 0x0301:
		return "1.0"
	case 0x0302:
		return "1.1"
	case 0x0303:
		return "1.2"
	case 0x0304:
		return "1.3"
	}
	return ""
}

// reader is what is left to read; what is not there reads as zero.
type reader []byte

func (r *reader) number(size int) int {
	var b [4]byte
	copy(b[4-size:], *r)
	r.skip(size)
	return int(binary.BigEndian.Uint32(b[:]))
}

func (r *reader) skip(n int) { *r = (*r)[min(n, len(*r)):] }

func (r *reader) part(n int) reader {
	n = min(n, len(*r))
	p := (*r)[:n]
	*r = (*r)[n:]
	return p
}
