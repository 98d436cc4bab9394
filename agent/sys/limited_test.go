package sys

import (
	"testing"
)

// A bit is set as long as one of the sockets has a mode that share it, and the kernel has the same.
func TestSocketsThatShareABit(t *testing.T) {
	t.Parallel()
	newBed(t) // needs root
	p, err := load(Auto, options{payload: 1024, ring: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	l := limited{kernel: p.coll.Variables["limited"]}
	is := func(inode uint64) bool {
		var bits [limitedBits / 64]uint64
		if err := l.kernel.Get(&bits); err != nil {
			t.Fatal(err)
		}
		return bits[inode>>6&1023]>>(inode&63)&1 == 1
	}
	const one, same, other = 70_001, 70_001 + limitedBits, 70_002
	l.Add(one)
	l.Add(same)
	if !is(one) || !is(same) || is(other) {
		t.Errorf("bits of %d and %d: %t, %t; of %d: %t", one, same, is(one), is(same), other, is(other))
	}
	if l.Remove(one); !is(same) {
		t.Errorf("%d has no bit behind the end of %d", same, one)
	}
	if l.Remove(same); is(one) {
		t.Error("a bit is left that no socket has")
	}
}
