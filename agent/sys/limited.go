package sys

import "github.com/cilium/ebpf"

const limitedBits = 1 << 16 // of `limited` in bpf/mode.h

// limited keeps which sockets the kernel looks up the mode of: a bit for each, by the end of its inode number. Where
// several have the same one it is set as long as there is one of them.
type limited struct {
	kernel  *ebpf.Variable
	bits    [limitedBits / 64]uint64
	sockets map[uint16]int // with each bit
}

// Add has the kernel look up a socket's mode.
func (l *limited) Add(inode uint64) {
	if l.sockets == nil {
		l.sockets = map[uint16]int{}
	}
	bit := uint16(inode)
	if l.sockets[bit]++; l.sockets[bit] == 1 {
		l.bits[bit/64] |= 1 << (bit % 64)
		_ = l.kernel.Set(l.bits) // mapped memory: nothing to go wrong
	}
}

// Remove has the kernel take all of a socket without looking.
func (l *limited) Remove(inode uint64) {
	bit := uint16(inode)
	if l.sockets[bit]--; l.sockets[bit] == 0 {
		delete(l.sockets, bit)
		l.bits[bit/64] &^= 1 << (bit % 64)
		_ = l.kernel.Set(l.bits)
	}
}
