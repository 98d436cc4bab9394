package tlslib

import (
	"fmt"

	"golang.org/x/arch/x86/x86asm"
)

// routine is the code of a function of x86-64, taken apart.
type routine struct {
	code []byte
	list []instruction
	goal map[int]bool // where jumps within it lead
	away bool         // it may be left by a jump: to outside, or to where is not known
}

// instruction is one of them.
type instruction struct {
	x86asm.Inst
	at int // in its function
}

// decode reads the instruction at a place.
func decode(code []byte, at int) (instruction, error) {
	if len(code)-at >= len(endbr64) && [4]byte(code[at:]) == endbr64 {
		return instruction{x86asm.Inst{Op: x86asm.NOP, Len: len(endbr64)}, at}, nil
	}
	i, err := x86asm.Decode(code[at:], 64)
	if err != nil {
		return instruction{}, fmt.Errorf("instruction at %#x: %w", at, err)
	}
	return instruction{i, at}, nil
}

// leads is where a jump or a call leads that names the place.
func (i instruction) leads() (to int, named bool) {
	by, ok := i.Args[0].(x86asm.Rel)
	return i.at + i.Len + int(by), ok
}

// jumps reports whether it is a jump, and no call.
func (i instruction) jumps() bool {
	_, named := i.leads()
	return i.Op == x86asm.JMP || named && i.Op != x86asm.CALL && i.Op != x86asm.XBEGIN
}

// takeApart reads all instructions of a function.
func takeApart(code []byte) (*routine, error) {
	r := &routine{code: code, goal: map[int]bool{}}
	for at := 0; at < len(code); {
		if code[at] == 0xcc { // between functions
			at++
			continue
		}
		i, err := decode(code, at)
		if err != nil {
			return nil, err
		}
		if i.jumps() {
			if to, named := i.leads(); named && to >= 0 && to < len(code) {
				r.goal[to] = true
			} else {
				r.away = true
			}
		}
		r.list = append(r.list, i)
		at += i.Len
	}
	return r, nil
}

// entered reports whether a jump leads to a place behind from, up to to.
func (r *routine) entered(from, to int) bool {
	for at := range r.goal {
		if at > from && at <= to {
			return true
		}
	}
	return false
}

// written is the register that an instruction changes, beside the stack pointer by a push; false: it is not one that is known
// to change no other. Parts of a register are told as all of it.
func (i instruction) written() (which x86asm.Reg, known bool) {
	switch i.Op {
	case x86asm.CMP, x86asm.TEST, x86asm.PUSH, x86asm.NOP, x86asm.BT:
		return 0, true
	case x86asm.CDQE:
		return x86asm.RAX, true
	case x86asm.MOV, x86asm.MOVSX, x86asm.MOVSXD, x86asm.MOVZX, x86asm.LEA, x86asm.POP,
		x86asm.XOR, x86asm.AND, x86asm.OR, x86asm.ADD, x86asm.SUB, x86asm.INC, x86asm.DEC, x86asm.NEG, x86asm.NOT,
		x86asm.MOVUPS, x86asm.MOVAPS, x86asm.MOVDQA, x86asm.MOVDQU, x86asm.MOVQ, x86asm.MOVD, x86asm.PXOR, x86asm.XORPS,
		x86asm.CMOVE, x86asm.CMOVNE, x86asm.CMOVS, x86asm.CMOVNS, x86asm.CMOVG, x86asm.CMOVGE, x86asm.CMOVL, x86asm.CMOVLE:
		reg, is := i.Args[0].(x86asm.Reg)
		if !is {
			return 0, true // memory
		}
		return whole(reg), true
	}
	return 0, false
}

// whole is the register of 64 bits that one is a part of; others than those of numbers and addresses stay what they are.
func whole(r x86asm.Reg) x86asm.Reg {
	switch {
	case r >= x86asm.AL && r <= x86asm.BL:
		return r - x86asm.AL + x86asm.RAX
	case r >= x86asm.AH && r <= x86asm.BH:
		return r - x86asm.AH + x86asm.RAX
	case r >= x86asm.SPB && r <= x86asm.R15B:
		return r - x86asm.SPB + x86asm.RSP
	case r >= x86asm.AX && r <= x86asm.R15W:
		return r - x86asm.AX + x86asm.RAX
	case r >= x86asm.EAX && r <= x86asm.R15L:
		return r - x86asm.EAX + x86asm.RAX
	}
	return r
}
