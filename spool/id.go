package spool

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// ID names a segment for ever: its number and 8 random bytes, so that no segment has the ID of
// one that was deleted before, and it stands in the file's name and header, so that a restart keeps it.
// Its String is fit as an insert token.
type ID [16]byte

func newID(number uint64) (id ID) {
	binary.BigEndian.PutUint64(id[:], number)
	_, _ = rand.Read(id[8:]) // it never fails
	return id
}

// Number is the segment's, which grows from segment to segment.
func (id ID) Number() uint64 { return binary.BigEndian.Uint64(id[:]) }

func (id ID) String() string { return hex.EncodeToString(id[:]) }

const suffix = ".spool"

// fileName is a segment's: its number, which orders segments, and its ID. The ID stands in the
// name too, so that a damaged header does not make the rest unreadable.
func fileName(number uint64, id ID) string { return fmt.Sprintf("%016x-%s%s", number, id, suffix) }

func parseName(name string) (number uint64, id ID, ok bool) {
	base, found := strings.CutSuffix(name, suffix)
	if !found || len(base) != 16+1+32 || base[16] != '-' {
		return 0, id, false
	}
	number, err := strconv.ParseUint(base[:16], 16, 64)
	if err != nil {
		return 0, id, false
	}
	_, err = hex.Decode(id[:], []byte(base[17:]))
	return number, id, err == nil
}
