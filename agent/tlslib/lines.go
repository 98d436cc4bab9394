package tlslib

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
)

// Magic numbers of Go's table of functions and lines (internal/abi, PCLnTabMagic): go1.18 and go1.20.
const (
	lines118 = 0xfffffff0
	lines120 = 0xfffffff1
)

// functionsMost bounds the functions of a program that are looked through.
const functionsMost = 4 << 20

// fromLines finds functions in the table that the runtime of every Go program has, also of one that was stripped
// (runtime.pcHeader: magic, quantum and size of pointers, number of functions and files, start of the text, offsets of tables).
// Its own start of the text may not be filled in: the section's is taken, which is right without C code only, and what is
// found must begin as a function of Go does.
func fromLines(f *elf.File, lines *elf.Section, wanted map[string]bool) (map[string]place, error) {
	const header = 8 + 8*8
	head := make([]byte, header)
	if _, err := lines.ReadAt(head, 0); err != nil || lines.Size > tableMost {
		return nil, ErrNone
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(head[8+8*i:]) }
	switch magic := binary.LittleEndian.Uint32(head); {
	case magic != lines118 && magic != lines120, head[7] != 8:
		return nil, ErrNone
	}
	count, start, names, functions := word(0), word(2), word(3), word(7)
	text := f.Section(".text")
	if count > functionsMost || names >= lines.Size || functions >= lines.Size || text == nil {
		return nil, ErrNone
	}
	if start < text.Addr || start >= text.Addr+text.Size {
		start = text.Addr
	}
	nameSize := lines.Size - names
	at, err := namesIn(io.NewSectionReader(lines, int64(names), int64(nameSize)), nameSize, wanted)
	if err != nil || len(at) == 0 {
		return nil, ErrNone
	}
	table, descriptions := words{from: lines}, words{from: lines}
	found := map[string]place{}
	for i := uint64(0); i < count; i++ {
		entry, ok := table.At(functions + 8*i)
		described, ok2 := table.At(functions + 8*i + 4)
		next, ok3 := table.At(functions + 8*i + 8)
		if !ok || !ok2 || !ok3 {
			return nil, errors.New("its table of functions is cut off")
		}
		name, ok := descriptions.At(functions + described + 4)
		if !ok {
			return nil, errors.New("its table of functions is cut off")
		}
		if n, ok := at[uint32(name)]; ok && next > entry {
			found[n] = place{start + entry, next - entry}
			if len(found) == len(wanted) {
				break
			}
		}
	}
	return found, nil
}

// words reads words that lie about in order, a piece at a time.
type words struct {
	from  io.ReaderAt
	begin uint64
	page  []byte
}

// At is the word of four bytes at an offset; false: the table ends before.
func (w *words) At(at uint64) (uint64, bool) {
	const size = 4
	if at < w.begin || at+size > w.begin+uint64(len(w.page)) {
		if cap(w.page) < piece {
			w.page = make([]byte, piece)
		}
		n, err := w.from.ReadAt(w.page[:piece], int64(at))
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, false
		}
		w.begin, w.page = at, w.page[:n]
		if n < size {
			return 0, false
		}
	}
	return uint64(binary.LittleEndian.Uint32(w.page[at-w.begin:])), true
}
