package tlslib

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// arguments is how many arguments a function of C has that are needed.
func (r Role) arguments() int {
	switch r {
	case Free:
		return 1
	case ReadEx, WriteEx:
		return 4
	case WriteEx2:
		return 5
	}
	return 3
}

// ofC says where programs are to be attached to see the calls of functions of C, given by their names.
//
// Many of them do nothing but call another one that has no name, as SSL_read_ex does: where that begins by a push, it is
// the cheaper place. What calls the same, as SSL_read, is seen there, too, and needs no probes of its own.
func ofC(f *elf.File, found map[string]place, roles map[string]Role) ([]Function, error) {
	type named struct {
		name string
		role Role
		place
		*routine
	}
	var list []named
	for name, role := range roles {
		at, ok := found[name]
		if !ok {
			continue
		}
		n := named{name, role, at, nil}
		if f.Machine == elf.EM_X86_64 && at.size > 0 && at.size <= functionMost {
			if code, err := codeOf(f, at); err == nil {
				n.routine, _ = takeApart(code)
			}
		}
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b named) int { // what others may call comes first
		return cmp.Or(b.role.arguments()-a.role.arguments(), strings.Compare(a.name, b.name))
	})
	var functions []Function
	seen := map[uint64]bool{}
	for _, n := range list {
		if n.routine.calls(n.address, seen) {
			continue
		}
		begin, ok := offsetOf(f, n.address)
		if !ok {
			return nil, fmt.Errorf("%s lies outside of what is loaded", n.name)
		}
		if n.role == Free { // once in a connection
			functions = append(functions, Function{Role: Free, Offset: begin})
			continue
		}
		if inner, ok := n.routine.wraps(n.address, n.role); ok {
			push, pushes := firstPush(f, inner)
			if at, loaded := offsetOf(f, push); pushes && loaded {
				seen[inner], seen[n.address] = true, true
				functions = append(functions, both(n.role, at, false)...)
				continue
			}
		}
		functions = append(functions, n.routine.places(n.role, begin)...)
	}
	return functions, nil
}

// both are the places for a call's begin and its end at one instruction.
func both(role Role, at uint64, dear bool) []Function {
	return []Function{{Role: role, Offset: at, Dear: dear}, {Role: Return, Offset: at, AtReturn: true, Dear: dear}}
}

// places are where calls of a function are seen that begins at an offset of the file; r may be nil: of code that is not understood.
func (r *routine) places(role Role, begin uint64) []Function {
	if r == nil {
		return both(role, begin, true)
	}
	e, ok := entryOf(r.code, argumentsOfC[:role.arguments()])
	if !ok || r.entered(0, e.at) {
		return both(role, begin, true)
	}
	if e.untouched {
		return both(role, begin+uint64(e.at), false)
	}
	if end, ok := r.guarded(); ok && end > e.at {
		return []Function{{Role: role, Offset: begin + uint64(e.at)}, {Role: Return, Offset: begin + uint64(end)}}
	}
	return both(role, begin, true)
}

// wraps is the function that one calls with the arguments that it was called with, and nothing else.
func (r *routine) wraps(begin uint64, role Role) (inner uint64, ok bool) {
	if r == nil || role.arguments() <= 3 { // its result is what it has moved, and the other's says success
		return 0, false
	}
	e, ok := entryOf(r.code, argumentsOfC[:role.arguments()])
	if !ok || e.Op != x86asm.CALL && e.Op != x86asm.JMP || r.entered(0, e.at) {
		return 0, false
	}
	for _, i := range r.list {
		if i.at != e.at && (i.Op == x86asm.CALL || i.jumps()) {
			return 0, false
		}
	}
	to, named := e.leads()
	return begin + uint64(to), named && (to < 0 || to >= len(r.code))
}

// calls reports whether a function calls one of those, or ends by a jump to it.
func (r *routine) calls(begin uint64, those map[uint64]bool) bool {
	if r == nil {
		return false
	}
	for _, i := range r.list {
		if to, named := i.leads(); named && (i.Op == x86asm.CALL || i.Op == x86asm.JMP) && those[begin+uint64(to)] {
			return true
		}
	}
	return false
}

// firstPush is the push that a function, of which the begin only is known, begins by.
func firstPush(f *elf.File, address uint64) (at uint64, ok bool) {
	code, err := codeOf(f, place{address, uint64(len(endbr64)) + 2})
	if err != nil {
		return 0, false
	}
	if [4]byte(code) == endbr64 {
		address, code = address+uint64(len(endbr64)), code[len(endbr64):]
	}
	return address, code[0]&^7 == 0x50 || code[0] == 0x41 && code[1]&^7 == 0x50
}
