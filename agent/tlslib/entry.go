package tlslib

import "golang.org/x/arch/x86/x86asm"

// Registers of C's first arguments, in their order, and of its result (System V ABI, 3.2.3).
var argumentsOfC = []x86asm.Reg{x86asm.RDI, x86asm.RSI, x86asm.RDX, x86asm.RCX, x86asm.R8}

// entryMost bounds the code that is looked through for an instruction behind a function's begin.
const entryMost = 64

// entry is an instruction near the begin of a function that each of its calls passes, once.
type entry struct {
	instruction

	// untouched says that the stack pointer is what it was at the begin: a return probe may be set there.
	untouched bool
}

// entryOf finds the first instruction that the kernel emulates, where the registers that are given are what they were at the
// function's begin. What is in front of it runs in a line: it has no jump.
func entryOf(code []byte, kept []x86asm.Reg) (entry, bool) {
	untouched := true
	for at := 0; at < len(code) && at < entryMost; {
		i, err := decode(code, at)
		if err != nil {
			return entry{}, false
		}
		if emulated(code[at : at+i.Len]) {
			return entry{i, untouched}, true
		}
		reg, known := i.written()
		if !known {
			return entry{}, false
		}
		for _, k := range kept {
			if reg == k {
				return entry{}, false
			}
		}
		untouched = untouched && reg != x86asm.RSP
		at += i.Len
	}
	return entry{}, false
}

// afterCall is the first instruction that the kernel emulates behind a call, where a register is what the call left there; no jump is
// in front of it, and none leads between them.
func (r *routine) afterCall(call int, kept x86asm.Reg) (at int, ok bool) {
	for _, i := range r.list[call+1:] {
		if emulated(r.code[i.at : i.at+i.Len]) {
			return i.at, !r.entered(r.list[call].at, i.at)
		}
		if reg, known := i.written(); !known || reg == kept {
			return 0, false
		}
	}
	return 0, false
}

// guarded is the one place that a function passes at each return with its result in RAX, if that is one that the kernel emulates:
// the jump behind a look at the guard of its stack (gcc, clang: -fstack-protector), away from a return to a call that ends the program.
func (r *routine) guarded() (at int, ok bool) {
	if r.away {
		return 0, false
	}
	for n, i := range r.list {
		if i.Op != x86asm.RET {
			continue
		}
		jump, found := r.guardOf(n)
		if !found || ok && jump != at {
			return 0, false
		}
		at, ok = jump, true
	}
	return at, ok
}

// guardOf is the jump in front of a return that comes behind the look at the stack's guard.
func (r *routine) guardOf(ret int) (at int, ok bool) {
	for n := ret - 1; n > 0; n-- {
		i := r.list[n]
		if i.Op == x86asm.JNE {
			look := r.list[n-1]
			mem, is := look.Args[1].(x86asm.Mem)
			guard := is && (look.Op == x86asm.SUB || look.Op == x86asm.XOR) && mem.Segment == x86asm.FS && mem.Disp == 0x28 && mem.Base == 0 && mem.Index == 0
			return i.at, guard && emulated(r.code[i.at:i.at+i.Len]) && !r.entered(look.at, r.list[ret].at)
		}
		if reg, known := i.written(); !known || reg == x86asm.RAX {
			return 0, false
		}
	}
	return 0, false
}
