package l7

import "encoding/binary"

// Types of frames (RFC 9113, 6).
const (
	frameData = iota
	frameHeaders
	framePriority
	frameReset
	frameSettings
	framePushPromise
	framePing
	frameGoAway
	frameWindowUpdate
	frameContinuation
	frameLastType = 0x20 // more than any extension has: ALTSVC, ORIGIN, PRIORITY_UPDATE
)

// Flags of frames.
const (
	flagEndStream  = 0x1 // of DATA and HEADERS
	flagAck        = 0x1 // of SETTINGS and PING
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

const (
	http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameHead      = 9
	frameUsualSize = 1 << 14 // of content, where nobody has agreed to more
	prioritySize   = 5
	settingSize    = 6
	settingsMost   = 32 // settings in a frame by which a connection is recognized
)

// http2Frame is a frame's header.
type http2Frame struct {
	kind   byte
	flags  byte
	stream uint32
	size   int // of what follows
}

// readFrame reads a header that data begins with; false: it is none.
func readFrame(data []byte) (f http2Frame, ok bool) {
	if len(data) < frameHead {
		return f, false
	}
	id := binary.BigEndian.Uint32(data[5:])
	f = http2Frame{data[3], data[4], id, int(data[0])<<16 | int(data[1])<<8 | int(data[2])}
	if id>>31 != 0 {
		return f, false
	}
	allowed := byte(0)
	switch f.kind {
	case frameData:
		allowed, ok = flagEndStream|flagPadded, id != 0
	case frameHeaders:
		allowed, ok = flagEndStream|flagEndHeaders|flagPadded|flagPriority, id != 0 && f.size > 0
	case framePriority:
		ok = id != 0 && f.size == prioritySize
	case frameReset:
		ok = id != 0 && f.size == 4
	case frameSettings:
		allowed, ok = flagAck, id == 0 && f.size%settingSize == 0 && (f.flags&flagAck == 0 || f.size == 0)
	case framePushPromise:
		allowed, ok = flagEndHeaders|flagPadded, id != 0 && f.size >= 4
	case framePing:
		allowed, ok = flagAck, id == 0 && f.size == 8
	case frameGoAway:
		ok = id == 0 && f.size >= 8
	case frameWindowUpdate:
		ok = f.size == 4
	case frameContinuation:
		allowed, ok = flagEndHeaders, id != 0
	default:
		allowed, ok = 0xff, f.kind <= frameLastType && f.size <= frameUsualSize
	}
	return f, ok && f.flags&^allowed == 0
}

// mayBeFrame reports whether few bytes may be the beginning of a frame.
func mayBeFrame(data []byte) bool { return len(data) < 4 || data[3] <= frameLastType }

// content is what a frame carries between its padding and priority, as far as it was captured, where it begins and
// how long it is; false: its header contradicts itself.
func (f http2Frame) content(data []byte) (content []byte, at, size, padding int, ok bool) {
	at, size = frameHead, f.size
	if f.flags&flagPadded != 0 && (f.kind == frameData || f.kind == frameHeaders || f.kind == framePushPromise) {
		if len(data) <= at {
			return nil, at, size, 0, size > 0 // not captured
		}
		padding = int(data[at])
		at, size = at+1, size-1-padding
	}
	if f.flags&flagPriority != 0 && f.kind == frameHeaders {
		at, size = at+prioritySize, size-prioritySize
	}
	if f.kind == framePushPromise {
		at, size = at+4, size-4
	}
	if size < 0 {
		return nil, at, 0, 0, false
	}
	if len(data) > at {
		content = data[at:min(len(data), at+size)]
	}
	return content, at, size, padding, true
}

// resetNames are the codes of RST_STREAM (RFC 9113, 7).
var resetNames = [...]string{"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"}
