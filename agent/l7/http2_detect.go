package l7

// detectHTTP2 knows the preface, a server's first settings, and the header blocks of a connection that is met in its
// middle. Frames that both sides send tell no side: of these it waits for more.
func detectHTTP2(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	if data[0] == http2Preface[0] {
		return prefixMatch(data, http2Preface, MatchRequest)
	}
	m := matchFrames(data)
	if m == MatchEither {
		return MatchMore
	}
	return m
}

// resumeHTTP2 takes any frame that begins a segment.
func resumeHTTP2(data []byte, missing int) Match {
	if len(data) < frameHead {
		if missing > 0 || !mayBeFrame(data) {
			return MatchNone
		}
		return MatchMore
	}
	f, ok := readFrame(data)
	if !ok {
		return detectHTTP2(data)
	}
	if end := frameHead + f.size; end < len(data) {
		if _, ok := readFrame(data[end:]); !ok && (len(data)-end >= frameHead || !mayBeFrame(data[end:])) {
			return MatchNone
		}
	}
	return MatchEither
}

// matchFrames tells by the frames that data begins with whose they are. All of a frame's header but its stream is
// nearly fixed; header blocks must be readable as such, whatever their numbers stand for.
func matchFrames(data []byte) Match {
	frames := 0
	for len(data) > 0 {
		if len(data) < frameHead {
			if frames == 0 && !beginsFrame(data) {
				return MatchNone
			}
			return MatchEither
		}
		f, ok := readFrame(data)
		if !ok {
			return MatchNone
		}
		switch f.kind {
		case frameSettings:
			switch {
			case f.flags&flagAck != 0:
			case f.size > settingsMost*settingSize || !settingsKnown(data[frameHead:min(len(data), frameHead+f.size)]):
				return MatchNone
			case frames == 0:
				return MatchResponse // a client's are behind the preface
			}
		case frameHeaders:
			if f.size > frameUsualSize {
				return MatchNone
			}
			if m := matchBlock(f, data); m != MatchEither {
				return m
			}
		case framePing, frameWindowUpdate:
			if f.kind == frameWindowUpdate && len(data) >= frameHead+4 && data[9]|data[10]|data[11]|data[12] == 0 {
				return MatchNone
			}
		case frameData, frameReset:
			if frames == 0 {
				return MatchNone // too little is fixed
			}
		default:
			return MatchNone
		}
		frames++
		data = data[min(len(data), frameHead+f.size):]
	}
	return MatchEither
}

// beginsFrame reports whether few bytes are the beginning of a frame by which a connection is recognized.
func beginsFrame(data []byte) bool {
	if data[0] != 0 {
		return false
	}
	if len(data) >= 4 {
		switch data[3] {
		case frameHeaders, frameSettings, framePing, frameWindowUpdate:
		default:
			return false
		}
	}
	return true
}

// settingsKnown reports whether settings have numbers that are in use, or private ones.
func settingsKnown(data []byte) bool {
	for len(data) >= 2 {
		if data[0] == 0 && (data[1] == 0 || data[1] > 0x20) {
			return false
		}
		data = data[min(len(data), settingSize):]
	}
	return true
}

// matchBlock tells by a header block whether it is of a request or an answer. The numbers of the static table for
// methods, schemes and statuses are in nearly all; names in front are those that begin with a colon.
func matchBlock(f http2Frame, data []byte) Match {
	if len(data) < frameHead+f.size && len(data) < frameHead+64 {
		return MatchMore
	}
	block, _, _, _, ok := f.content(data)
	if !ok || len(block) == 0 {
		return MatchNone
	}
	m := MatchEither
	for len(block) > 0 {
		b := block[0]
		bits, literal := uint(7), true
		switch {
		case b&0x80 != 0:
			literal = false
		case b&0xc0 == 0x40:
			bits = 6
		case b&0xe0 == 0x20:
			bits, literal = 5, false
		default:
			bits = 4
		}
		i, n, ok := hpackNumber(block, bits)
		switch {
		case !ok, bits == 7 && i == 0, bits != 5 && i > hpackMaxSize/hpackEntrySize:
			return MatchNone
		case n == 0:
			return m // cut off
		}
		block = block[n:]
		if bits != 5 && m == MatchEither {
			switch {
			case i >= staticMethod && i < staticStatus:
				m = MatchRequest
			case i >= staticStatus && i <= staticLastStatus:
				m = MatchResponse
			}
		}
		strings := 0
		if literal {
			strings = 1
			if i == 0 {
				strings = 2
			}
		}
		for range strings {
			size, n, ok := hpackNumber(block, 7)
			switch {
			case !ok || size > frameUsualSize:
				return MatchNone
			case n == 0 || uint64(len(block)-n) <= size:
				if len(data) >= frameHead+f.size && (n == 0 || uint64(len(block)-n) < size) {
					return MatchNone // it does not end with its frame
				}
				if n == 0 || uint64(len(block)-n) < size {
					return m
				}
			}
			block = block[n+int(size):]
		}
	}
	return m
}
