package tlslib

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"golang.org/x/arch/x86/x86asm"
)

// The methods of Go's crypto/tls. Handshakes, and what is sent at the end, are in neither.
var goMethods = map[string]Role{"crypto/tls.(*Conn).Read": GoRead, "crypto/tls.(*Conn).Write": GoWrite}

// What they call, to move what they have.
const (
	goMove   = "runtime.memmove"
	goRecord = "crypto/tls.(*Conn).writeRecordLocked"
)

// functionMost bounds the code that is looked through for return instructions.
const functionMost = 64 << 10

// ofGo finds the methods in a Go program that has them. ErrNone: it is no Go, or has none.
func ofGo(f *elf.File) ([]Function, error) {
	lines := f.Section(".gopclntab")
	if lines == nil {
		lines = f.Section(".data.rel.ro.gopclntab") // of position independent executables
	}
	if lines == nil {
		return nil, ErrNone
	}
	wanted := map[string]bool{goMove: true, goRecord: true}
	for name := range goMethods {
		wanted[name] = true
	}
	found, err := symbols(f, wanted)
	if err != nil {
		return nil, err
	}
	if !hasMethods(found) {
		if found, err = fromLines(f, lines, wanted); err != nil {
			return nil, err
		}
	}
	if !hasMethods(found) {
		return nil, ErrNone
	}
	var functions []Function
	for name, role := range goMethods {
		of, err := ofMethod(f, role, found[name], found)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		functions = append(functions, of...)
	}
	return functions, nil
}

func hasMethods(found map[string]place) bool {
	for name := range goMethods {
		if _, ok := found[name]; !ok {
			return false
		}
	}
	return true
}

// ofMethod is where calls of a method are seen.
func ofMethod(f *elf.File, role Role, at place, beside map[string]place) ([]Function, error) {
	begin, ok := offsetOf(f, at.address)
	if !ok || at.size == 0 || at.size > functionMost {
		return nil, errors.New("it lies outside of what is loaded, or has no end")
	}
	code, err := codeOf(f, at)
	if err != nil {
		return nil, fmt.Errorf("its code: %w", err)
	}
	returns, err := returns(f.Machine, code)
	if err != nil {
		return nil, fmt.Errorf("its code: %w", err)
	}
	if f.Machine == elf.EM_X86_64 {
		if functions := cheapInGo(role, begin, at.address, code, beside); len(functions) > 0 {
			return functions, nil
		}
	}
	functions := []Function{{Role: role, Offset: begin, Dear: true}}
	for _, at := range returns {
		functions = append(functions, Function{Role: GoReturns, Offset: begin + at, Dear: true})
	}
	return functions, nil
}

func codeOf(f *elf.File, at place) ([]byte, error) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && at.address >= p.Vaddr && at.address-p.Vaddr+at.size <= p.Filesz {
			code := make([]byte, at.size)
			_, err := p.ReadAt(code, int64(at.address-p.Vaddr))
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return code, err
		}
	}
	return nil, errors.New("it is not all loaded")
}

// errNotGo says that what was found is no function of Go that has its arguments in registers.
var errNotGo = errors.New("it does not begin as a function of Go 1.17 or newer")

// returns says where the return instructions of a function lie.
func returns(machine elf.Machine, code []byte) (list []uint64, err error) {
	switch machine {
	case elf.EM_X86_64:
		list, err = returnsAMD64(code)
	case elf.EM_AARCH64:
		list, err = returnsARM64(code)
	default:
		return nil, fmt.Errorf("of a processor that is not known: %v", machine)
	}
	if err == nil && len(list) == 0 {
		err = errors.New("it does not return")
	}
	return list, err
}

func returnsAMD64(code []byte) (list []uint64, err error) {
	if !beginsAMD64(code) {
		return nil, errNotGo
	}
	for at := 0; at < len(code); {
		instruction, err := x86asm.Decode(code[at:], 64)
		if err != nil {
			if code[at] == 0xcc { // between functions
				at++
				continue
			}
			return nil, fmt.Errorf("instruction at %#x: %w", at, err)
		}
		if instruction.Op == x86asm.RET {
			list = append(list, uint64(at))
		}
		at += instruction.Len
	}
	return list, nil
}

// beginsAMD64 reports whether code begins by a look at the stack's limit in the g that R14 has: CMPQ SP, 16(R14), or the
// same of R12, which has been set to what of the stack is needed.
func beginsAMD64(code []byte) bool {
	plain, large := []byte{0x49, 0x3b, 0x66, 0x10}, []byte{0x4d, 0x3b, 0x66, 0x10}
	for i := 0; i+4 <= len(code) && i <= 12; i++ {
		if head := [4]byte(code[i:]); i == 0 && head == [4]byte(plain) || i > 0 && head == [4]byte(large) {
			return true
		}
	}
	return false
}

func returnsARM64(code []byte) (list []uint64, err error) {
	const (
		ret       = 0xd65f03c0
		loadLimit = 0xf9400b90 // MOVD 16(g), R16
	)
	word := func(at int) uint32 {
		return uint32(code[at]) | uint32(code[at+1])<<8 | uint32(code[at+2])<<16 | uint32(code[at+3])<<24
	}
	if len(code) < 4 || word(0) != loadLimit {
		return nil, errNotGo
	}
	for at := 0; at+4 <= len(code); at += 4 {
		if word(at) == ret {
			list = append(list, uint64(at))
		}
	}
	return list, nil
}
