package tlslib

import "golang.org/x/arch/x86/x86asm"

// cheapInGo is where the kernel emulates what stands there, and a method of Go's crypto/tls passes with all that is needed in registers;
// nothing where the compiler has made something else of it. There is no such place at a return (POPQ BP; RET), but all
// that is said goes through one call:
//
//   - Read has its bytes copied into the caller's buffer by runtime.memmove, to which (*bytes.Reader).Read comes down;
//   - Write gives them to (*Conn).writeRecordLocked (what it sends in front of them, by TLS 1.0 to be safe from BEAST, by a
//     call of its own), and next looks at the error, which is in BX then: without one all of it was written.
func cheapInGo(role Role, begin, address uint64, code []byte, beside map[string]place) []Function {
	r, err := takeApart(code)
	if err != nil {
		return nil
	}
	calls := func(name string) (list []int) {
		to, ok := beside[name]
		if !ok {
			return nil
		}
		for n, i := range r.list {
			if at, named := i.leads(); named && i.Op == x86asm.CALL && address+uint64(at) == to.address {
				list = append(list, n)
			}
		}
		return list
	}
	switch role {
	case GoRead:
		e, ok := entryOf(code, []x86asm.Reg{x86asm.RAX, x86asm.RBX, x86asm.RCX})
		moves := calls(goMove)
		if !ok || r.entered(0, e.at) || len(moves) != 1 {
			return nil
		}
		return []Function{{Role: GoRead, Offset: begin + uint64(e.at)}, {Role: GoCopies, Offset: begin + uint64(r.list[moves[0]].at)}}
	case GoWrite:
		var functions []Function
		for _, n := range calls(goRecord) {
			sent, ok := r.afterCall(n, x86asm.RBX)
			if !ok {
				return nil
			}
			functions = append(functions, Function{Role: GoSends, Offset: begin + uint64(r.list[n].at)}, Function{Role: GoSent, Offset: begin + uint64(sent)})
		}
		return functions
	}
	return nil
}
