package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A segment is a header and frames. All numbers are little-endian.
//
//	header: magic [8], version u32, created i64 (Unix nanoseconds), ID [16], CRC-32C of these u32
//	frame:  length u32, rows u32, CRC-32C of the record u32, check u32, the record
//
// Between frames zeros may lie up to the end of a block.
//
// A frame's check is the CRC-32C of the three words before it, begun with the segment's ID and
// the frame's offset in the file: old blocks of a disk, a frame inside a record and a frame of another
// segment do not pass for one.
const (
	magic      = "TLspool\n"
	version    = 1
	headerSize = 8 + 4 + 8 + 16 + 4
	frameSize  = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(parts ...[]byte) (sum uint32) {
	for _, p := range parts {
		sum = crc32.Update(sum, castagnoli, p)
	}
	return sum
}

func appendHeader(b []byte, id ID, created time.Time) []byte {
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint64(b, uint64(created.UnixNano()))
	b = append(b, id[:]...)
	return binary.LittleEndian.AppendUint32(b, checksum(b[len(b)-(headerSize-4):]))
}

// parseHeader reads a header; it is not sound where its checksum is wrong or it is not id's.
func parseHeader(b []byte, id ID) (v uint32, created time.Time, sound bool) {
	if len(b) < headerSize || string(b[:8]) != magic || ID(b[20:36]) != id ||
		binary.LittleEndian.Uint32(b[36:]) != checksum(b[:36]) {
		return 0, created, false
	}
	return binary.LittleEndian.Uint32(b[8:]), time.Unix(0, int64(binary.LittleEndian.Uint64(b[12:]))), true
}

// appendFrame appends a frame without its check, which depends on where it will be written.
func appendFrame(b []byte, rows int, length int, sum uint32, parts [][]byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	b = binary.LittleEndian.AppendUint32(b, uint32(rows))
	b = binary.LittleEndian.AppendUint32(b, sum)
	b = append(b, 0, 0, 0, 0)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

type frame struct {
	length, rows int
	sum          uint32
}

// parseFrame reads the first bytes of a frame at an offset of the file with this seed.
func parseFrame(b []byte, seed uint32, offset int64) (f frame, sound bool) {
	f = frame{int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint32(b[8:])}
	return f, binary.LittleEndian.Uint32(b[12:]) == check(b, seed, offset) && !empty(b[:frameSize])
}

// check begins at the offset, mixed into the segment's seed: two places below 4 GiB never have
// the same.
func check(b []byte, seed uint32, offset int64) uint32 {
	return crc32.Update(seed^uint32(offset)^uint32(offset>>32), castagnoli, b[:12])
}

// seed is what the checks of a segment's frames begin with.
func (id ID) seed() uint32 { return checksum(id[:]) }

// place fills in the checks of a group's frames, the first of which is written at offset.
func place(group []byte, seed uint32, offset int64) {
	for at := 0; at < len(group); {
		b := group[at:]
		binary.LittleEndian.PutUint32(b[12:], check(b, seed, offset+int64(at)))
		at += frameSize + int(binary.LittleEndian.Uint32(b))
	}
}
