package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// Opcodes of frames (RFC 6455, 11.8).
const (
	websocketContinuation = 0x0
	websocketText         = 0x1
	websocketBinary       = 0x2
	websocketClose        = 0x8
	websocketPing         = 0x9
	websocketPong         = 0xa
)

// Codes of an end that no frame says (RFC 6455, 7.4.1).
const (
	websocketNoStatus = 1005 // a frame that says none
	websocketAbnormal = 1006 // no frame
)

const maxWebsocketControl = 125 // bytes of a control frame's payload

// websocketFrame is a frame's header.
type websocketFrame struct {
	opcode byte
	fin    bool // the message's last
	head   int  // bytes of the header
	mask   [4]byte
	size   uint64 // of the payload
}

func (f *websocketFrame) control() bool { return f.opcode >= websocketClose }

// readWebsocketFrame reads a header: what a client says is masked, what a server says is not. RSV1 is an extension's, as of a
// compressed message (RFC 7692); nobody has others.
func readWebsocketFrame(data []byte, masked bool) (f websocketFrame, s State) {
	if len(data) < 2 {
		if len(data) == 1 && !isWebsocketOpcode(data[0]) {
			return f, Bad
		}
		return f, More
	}
	f.opcode, f.fin = data[0]&0xf, data[0]&0x80 != 0
	if !isWebsocketOpcode(data[0]) || (data[1]&0x80 != 0) != masked {
		return f, Bad
	}
	f.head, f.size = 2, uint64(data[1]&0x7f)
	switch {
	case f.size <= maxWebsocketControl:
	case f.control():
		return f, Bad
	case f.size == 126:
		if f.head = 4; len(data) < f.head {
			return f, More
		}
		if f.size = uint64(binary.BigEndian.Uint16(data[2:])); f.size < 126 {
			return f, Bad
		}
	default:
		if f.head = 10; len(data) < f.head {
			return f, More
		}
		if f.size = binary.BigEndian.Uint64(data[2:]); f.size < 1<<16 || f.size>>62 != 0 {
			return f, Bad
		}
	}
	if masked {
		if f.head += 4; len(data) < f.head {
			return f, More
		}
		f.mask = [4]byte(data[f.head-4:])
	}
	return f, Head
}

// isWebsocketOpcode tells by a frame's first byte.
func isWebsocketOpcode(first byte) bool {
	switch first & 0xf {
	case websocketContinuation, websocketText, websocketBinary:
		return first&0x30 == 0
	case websocketClose, websocketPing, websocketPong:
		return first&0xf0 == 0x80 // they are not cut, nor compressed
	}
	return false
}

// unmasked is a payload in clear.
func (f *websocketFrame) unmasked(data []byte) []byte {
	text := make([]byte, len(data))
	for i, c := range data {
		text[i] = c ^ f.mask[i%4]
	}
	return text
}

// alignedWebsocket reports whether a segment is of whole frames, as far as it was captured: of bytes that are none few look so.
func alignedWebsocket(data []byte, missing int, masked bool) bool {
	total := uint64(len(data) + missing)
	for at := uint64(0); at < total; {
		if at >= uint64(len(data)) {
			return at > 0 && missing > 0
		}
		f, s := readWebsocketFrame(data[at:], masked)
		if s == More && missing > 0 && at > 0 {
			return true
		}
		if s != Head || uint64(f.head)+f.size > total-at {
			return false
		}
		at += uint64(f.head) + f.size
	}
	return true
}

// websocketNames are the codes of ends that are none that one hopes for (iana.org/assignments/websocket).
var websocketNames = map[uint16]string{
	1002: "Protocol error", 1003: "Unsupported Data", 1007: "Invalid frame payload data", 1008: "Policy Violation", 1009: "Message Too Big", 1010: "Mandatory Ext.",
	1011: "Internal Error", 1012: "Service Restart", 1013: "Try Again Later", 1014: "Bad Gateway", 3000: "Unauthorized", 3003: "Forbidden", 3008: "Timeout",
}

// websocketStatus is what an end says that a connection came to: whoever says what the other has done wrong does not blame itself.
// What an application's own codes (4000 to 4999) mean is not known.
func websocketStatus(code uint16, by websocketCloser) span.Status {
	serverFault := by == closedByClient
	switch code {
	case 1011, 1012, 1013, 1014:
		serverFault = !serverFault
	case 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 3008:
	default:
		return span.StatusOK
	}
	if serverFault {
		return span.StatusServerError
	}
	return span.StatusClientError
}
