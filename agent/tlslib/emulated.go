package tlslib

// endbr64 begins functions that are called by address, where the processor checks that (Intel CET). x86asm does not know it.
var endbr64 = [4]byte{0xf3, 0x0f, 0x1e, 0xfa}

// emulated reports whether the kernel emulates the instruction of x86-64 that code begins with where it stands under a probe
// (arch/x86/kernel/uprobes.c, branch_setup_xol_ops and push_setup_xol_ops; since Linux 4.17 all of these): jumps and calls to a
// place that the instruction names, pushes of a register, and the nop. Any other is run in a place of its own by a single step,
// which is a second exception: in virtual machines an exit to the hypervisor, that takes 20 times as long as all else.
func emulated(code []byte) bool {
	if len(code) < 2 {
		return len(code) == 1 && (code[0]&^7 == 0x50 || code[0] == 0x90)
	}
	switch first, second := code[0], code[1]; {
	case first&^7 == 0x50, first == 0x41 && second&^7 == 0x50: // push
		return true
	case first == 0x90, first == 0x66 && second == 0x90: // nop
		return true
	case first == 0xe8, first == 0xe9, first == 0xeb: // call, jmp
		return true
	case first&^15 == 0x70, first == 0x0f && second&^15 == 0x80: // jcc
		return true
	}
	return false
}
