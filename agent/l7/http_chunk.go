package l7

import "bytes"

// httpLastChunk ends a chunked body, without trailers.
const httpLastChunk = "0\r\n\r\n"

// maxChunkLine bounds a chunk's size line with its extensions, and a trailer's line.
const maxChunkLine = 1024

// maxChunkDigits is more than any chunk's size has.
const maxChunkDigits = 14

// chunkSize reads the hexadecimal digits at a line's start.
func chunkSize(line []byte) (size uint64, digits int) {
	for _, c := range line {
		v, ok := hexDigit(c)
		if !ok || digits > maxChunkDigits {
			break
		}
		size = size<<4 | uint64(v)
		digits++
	}
	return size, digits
}

// smallChunk is the size of chunks that are written as a whole.
const smallChunk = 512

// startsChunk tells a segment that begins with a chunk from one in a chunk's middle: a line
// of nothing but a size, and a line end where the chunk ends, as far as that was captured.
func startsChunk(data []byte, missing int) bool {
	eol := bytes.IndexByte(data[:min(len(data), maxChunkDigits+2)], '\n')
	if eol < 2 || data[eol-1] != '\r' {
		return false
	}
	size, digits := chunkSize(data[:eol-1])
	if digits != eol-1 || digits > 8 {
		return false
	}
	if size == 0 {
		return true
	}
	end := uint64(eol+1) + size + 2
	if end > uint64(len(data)+missing) && size < smallChunk {
		return false
	}
	return end > uint64(len(data)) || data[end-2] == '\r' && data[end-1] == '\n'
}

func (b *httpBody) chunk(data []byte, missing int) Step {
	if len(data) == 0 && missing == len(httpLastChunk) {
		// Nothing else ends a segment like this: a chunk of one byte is longer.
		*b = httpBody{}
		return Step{State: End, Advance: uint64(missing)}
	}
	eol := bytes.IndexByte(data[:min(len(data), maxChunkLine)], '\n')
	if eol < 0 {
		if missing > 0 || len(data) >= maxChunkLine {
			return b.lost(data, missing)
		}
		return Step{State: More}
	}
	size, digits := chunkSize(data[:eol])
	switch {
	case digits == 0 || digits > maxChunkDigits:
		return b.lost(data, missing)
	case size == 0:
		b.stage = httpTrailer
		return Step{State: Body, Advance: uint64(eol + 1)}
	}
	return Step{State: Body, Advance: uint64(eol+1) + size + 2}
}

func (b *httpBody) trailer(data []byte, missing int) Step {
	eol := bytes.IndexByte(data[:min(len(data), maxChunkLine)], '\n')
	switch {
	case eol < 0 && (missing > 0 || len(data) >= maxChunkLine):
		return b.lost(data, missing)
	case eol < 0:
		return Step{State: More}
	case eol == 0 || eol == 1 && data[0] == '\r':
		*b = httpBody{}
		return Step{State: End, Advance: uint64(eol + 1)}
	}
	return Step{State: Body, Advance: uint64(eol + 1)}
}
