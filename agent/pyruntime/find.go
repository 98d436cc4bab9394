package pyruntime

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// symbolsRead bounds, in bytes, the table of a file's dynamic symbols that is read: CPython's is a twentieth.
const symbolsRead = 4 << 20

// ContextAt is the address, in the memory of a running Python, of the word that holds the address of the context which its
// first thread is in. root is its directory in /proc; maps is what its file maps says.
func ContextAt(root, maps string) (uint64, error) {
	path := "/exe"
	at, isLibrary := library(maps)
	if isLibrary {
		path = fmt.Sprintf("/map_files/%x-%x", at.from, at.to) // what is mapped, whatever lies at its path by now
	} else {
		exe, err := os.Readlink(root + "/exe")
		if err != nil {
			return 0, err
		}
		at = first(maps, exe)
	}
	f, err := os.Open(root + path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	symbols, err := symbolsOf(f, at.from, "_PyRuntime", "PyContext_Type")
	if err != nil {
		return 0, fmt.Errorf("%s: %w", root+path, err)
	}
	mem, err := os.Open(root + "/mem")
	if err != nil {
		return 0, err
	}
	defer mem.Close()
	return contextAt(&memory{ReaderAt: mem}, symbols[0], symbols[1])
}

// mapping is a line of /proc/PID/maps: addresses, and the file that lies there.
type mapping struct {
	from, to uint64
	path     string
}

// library is the beginning of libpython in a process's memory; ok is false if the interpreter is the executable itself.
func library(maps string) (at mapping, ok bool) {
	for line := range strings.Lines(maps) {
		at := parse(line)
		if name := at.path[strings.LastIndexByte(at.path, '/')+1:]; strings.HasPrefix(name, "libpython3.") && name != "libpython3.so" {
			return at, true
		}
	}
	return mapping{}, false
}

// first is the beginning of a file in a process's memory.
func first(maps, path string) mapping {
	for line := range strings.Lines(maps) {
		if at := parse(line); at.path == path {
			return at
		}
	}
	return mapping{}
}

func parse(line string) (at mapping) {
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return mapping{}
	}
	from, to, _ := strings.Cut(fields[0], "-")
	at.from, _ = strconv.ParseUint(from, 16, 64)
	at.to, _ = strconv.ParseUint(to, 16, 64)
	at.path = fields[5]
	return at
}

// symbolsOf are the addresses of dynamic symbols of a file that is mapped at a base.
func symbolsOf(file io.ReaderAt, base uint64, names ...string) ([]uint64, error) {
	f, err := elf.NewFile(file)
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS64 || f.ByteOrder.String() != "LittleEndian" {
		return nil, errors.New("not for a processor that we know")
	}
	if f.Type != elf.ET_DYN {
		base = 0
	}
	for _, s := range f.Sections {
		if (s.Type == elf.SHT_DYNSYM || s.Type == elf.SHT_STRTAB) && s.Flags&elf.SHF_ALLOC != 0 && (s.Size > symbolsRead || s.Flags&elf.SHF_COMPRESSED != 0) {
			return nil, errors.New("its symbols are too many")
		}
	}
	all, err := f.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	out := make([]uint64, len(names))
	for _, s := range all {
		for i, name := range names {
			if s.Name == name && s.Section != elf.SHN_UNDEF {
				out[i] = base + s.Value
			}
		}
	}
	for i, at := range out {
		if at == 0 {
			return nil, fmt.Errorf("no symbol %s", names[i])
		}
	}
	return out, nil
}
