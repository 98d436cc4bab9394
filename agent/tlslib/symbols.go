package tlslib

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
)

// place is where a function lies.
type place struct{ address, size uint64 }

const (
	// piece is how much of a table is in memory at once.
	piece = 64 << 10
	// tableMost bounds a table of symbols or names: larger ones are not looked through.
	tableMost = 512 << 20
)

// symbols finds functions by name among the dynamic symbols and all others. Tables are gone through, and not kept: Node's
// has 100,000 entries.
func symbols(f *elf.File, wanted map[string]bool) (map[string]place, error) {
	if f.Class != elf.ELFCLASS64 || f.ByteOrder != binary.LittleEndian {
		return nil, ErrNone
	}
	found := map[string]place{}
	for _, kind := range []elf.SectionType{elf.SHT_DYNSYM, elf.SHT_SYMTAB} {
		s := f.SectionByType(kind)
		if s == nil || s.Type == elf.SHT_NOBITS || int(s.Link) >= len(f.Sections) || s.Size > tableMost || f.Sections[s.Link].Size > tableMost {
			continue
		}
		names, err := namesIn(f.Sections[s.Link].ReaderAt, f.Sections[s.Link].Size, wanted)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			continue
		}
		if err := addresses(s, names, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// namesIn finds where names end in a table of strings, and so where they begin: one name may be the end of another.
func namesIn(table io.ReaderAt, size uint64, wanted map[string]bool) (map[uint32]string, error) {
	longest := 0
	for name := range wanted {
		longest = max(longest, len(name)+1)
	}
	at := map[uint32]string{}
	buffer := make([]byte, piece+longest)
	for from := uint64(0); from < size; from += piece {
		part := buffer[:min(uint64(len(buffer)), size-from)]
		if _, err := table.ReadAt(part, int64(from)); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for name := range wanted {
			needle := append([]byte(name), 0)
			for rest := part; ; {
				i := bytes.Index(rest, needle)
				if i < 0 {
					break
				}
				at[uint32(from)+uint32(len(part)-len(rest)+i)] = name
				rest = rest[i+1:]
			}
		}
	}
	return at, nil
}

func addresses(s *elf.Section, names map[uint32]string, found map[string]place) error {
	const entry = 24 // Elf64_Sym
	buffer := make([]byte, piece/entry*entry)
	for from := uint64(0); from+entry <= s.Size; from += uint64(len(buffer)) {
		part := buffer[:min(uint64(len(buffer)), (s.Size-from)/entry*entry)]
		if _, err := s.ReadAt(part, int64(from)); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		for ; len(part) >= entry; part = part[entry:] {
			name, ok := names[binary.LittleEndian.Uint32(part)]
			if !ok || elf.ST_TYPE(part[4]) != elf.STT_FUNC || binary.LittleEndian.Uint16(part[6:]) == uint16(elf.SHN_UNDEF) {
				continue
			}
			found[name] = place{binary.LittleEndian.Uint64(part[8:]), binary.LittleEndian.Uint64(part[16:])}
		}
	}
	return nil
}
