package sys

import (
	"debug/buildinfo"
	"fmt"
	"go/version"
	"io"
	"strings"
)

// goidOffsets says where goid lies in the runtime's struct g, from a version on. It is the
// same for amd64 and arm64.
var goidOffsets = []struct {
	since  string
	offset uint16
}{
	{"go1.25", 152}, // gobuf lost its field ret
	{"go1.23", 160}, // syscallbp came in front
	{"go1.17", 152}, // before, g was not in a register
}

// newestKnownGo is the newest version whose offset was checked. Of a newer one, or one built
// from a source tree, the debug information is asked.
const newestKnownGo = "go1.26"

// goidOffset is the offset of goid in a Go program's struct g; 0 if the program is not in
// Go. The error says why a Go program's offset is not known.
func goidOffset(exe io.ReaderAt, debugInformation func() (uint16, error)) (uint16, error) {
	info, err := buildinfo.Read(exe)
	if err != nil {
		return 0, nil // not Go
	}
	return goidOffsetOf(info.GoVersion, debugInformation)
}

// goidOffsetOf is the offset for a version of Go as the program names it.
func goidOffsetOf(name string, debugInformation func() (uint16, error)) (uint16, error) {
	v, _, _ := strings.Cut(name, " ") // "go1.26.1 X:nodwarf5": with experiments
	if !version.IsValid(v) || version.Compare(version.Lang(v), newestKnownGo) > 0 {
		// To guess would be to take another field for the id, and to join what does not belong together.
		offset, err := debugInformation()
		if err != nil {
			return 0, fmt.Errorf("built by Go %q, which we do not know, and no debug information tells where goid lies: %w", name, err)
		}
		return offset, nil
	}
	for _, known := range goidOffsets {
		if version.Compare(v, known.since) >= 0 {
			return known.offset, nil
		}
	}
	return 0, fmt.Errorf("built by %s: goroutines are known from go1.17 on", v)
}
