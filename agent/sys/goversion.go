package sys

import (
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
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

// newestKnownGo is the newest version whose offset was checked. A newer one, or one built
// from a source tree, is asked for its debug information.
const newestKnownGo = "go1.26"

// goidOffset is the offset of goid in a Go program's struct g; 0 if the program is not in
// Go. The error says why a Go program's offset is not known.
func goidOffset(exe io.ReaderAt) (uint16, error) {
	info, err := buildinfo.Read(exe)
	if err != nil {
		return 0, nil // not Go
	}
	return goidOffsetOf(info.GoVersion, exe)
}

// goidOffsetOf is the offset for a version of Go as the program names it.
func goidOffsetOf(name string, exe io.ReaderAt) (uint16, error) {
	v, _, _ := strings.Cut(name, " ") // "go1.26.1 X:nodwarf5": with experiments
	if !version.IsValid(v) || version.Compare(version.Lang(v), newestKnownGo) > 0 {
		offset, err := goidOffsetFromDWARF(exe)
		if err == nil {
			return offset, nil
		}
		if !version.IsValid(v) {
			return 0, fmt.Errorf("built by Go %q, which we do not know, and no debug information tells where goid lies: %w", name, err)
		}
	}
	for _, known := range goidOffsets {
		if version.Compare(v, known.since) >= 0 {
			return known.offset, nil
		}
	}
	return 0, fmt.Errorf("built by %s: goroutines are known from go1.17 on", v)
}

func goidOffsetFromDWARF(exe io.ReaderAt) (uint16, error) {
	f, err := elf.NewFile(exe)
	if err != nil {
		return 0, err
	}
	d, err := f.DWARF()
	if err != nil {
		return 0, err
	}
	for r := d.Reader(); ; {
		entry, err := r.Next()
		if err != nil {
			return 0, err
		}
		if entry == nil {
			return 0, fmt.Errorf("no type runtime.g")
		}
		if entry.Tag != dwarf.TagStructType || entry.Val(dwarf.AttrName) != "runtime.g" {
			if entry.Tag != dwarf.TagCompileUnit {
				r.SkipChildren()
			}
			continue
		}
		typ, err := d.Type(entry.Offset)
		if err != nil {
			return 0, err
		}
		g, ok := typ.(*dwarf.StructType)
		if !ok {
			return 0, fmt.Errorf("runtime.g is no struct")
		}
		for _, field := range g.Field {
			if field.Name == "goid" {
				return uint16(field.ByteOffset), nil
			}
		}
		return 0, fmt.Errorf("runtime.g has no goid")
	}
}
