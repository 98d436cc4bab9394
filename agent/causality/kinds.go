package causality

import "net/netip"

// kinds is what was seen to lead to what in a process's event loops: to calls of a server, by what had been
// read. It tells apart what waits on a thread at the same time, as the request that is just read and answers
// whose requests wait for a connection of a pool.
type kinds map[netip.AddrPort]*causes

// causes are how often each kind of input was seen to lead to calls of one server, where no other input waited.
type causes struct {
	all uint32
	of  map[netip.AddrPort]uint32
}

const (
	// causesToKnow is how many calls of a server tell what leads to them.
	causesToKnow = 20
	// causesSeldom: what leads to one in so many does not.
	causesSeldom = 100
	// causesMixed: where as many as one in so many are led to by another, there is no main one.
	causesMixed = 4
)

// learn takes that an input led to a call of a server. Its kind is the server whose answer it is, the zero
// address that of a request.
func (k *kinds) learn(server, input netip.AddrPort) {
	if *k == nil {
		*k = kinds{}
	}
	c := (*k)[server]
	if c == nil {
		if len(*k) >= kindsKept {
			return
		}
		c = &causes{of: map[netip.AddrPort]uint32{}}
		(*k)[server] = c
	}
	if _, known := c.of[input]; !known && len(c.of) >= kindsKept {
		return
	}
	c.all++
	c.of[input]++
	k.fade(server, 1<<20)
}

// fade has what was long ago count less: where so many were seen, half as many are left.
func (k kinds) fade(server netip.AddrPort, at uint32) {
	c := k[server]
	if c == nil || c.all < at {
		return
	}
	c.all = 0
	for kind, n := range c.of {
		c.of[kind] = n / 2
		c.all += n / 2
	}
}

// known is what leads to calls of a server; nil where too few were seen.
func (k kinds) known(server netip.AddrPort) *causes {
	if c := k[server]; c != nil && c.all >= causesToKnow {
		return c
	}
	return nil
}

// may reports whether an input of a kind may be what leads to the call. Nil causes exclude nothing.
func (c *causes) may(input netip.AddrPort) bool {
	return c == nil || uint64(c.of[input])*causesSeldom >= uint64(c.all)
}

// main is the one kind of input that leads to calls of a server; false if that is not known, or there are several.
func (k kinds) main(server netip.AddrPort) (netip.AddrPort, bool) {
	c := k[server]
	if c == nil {
		return netip.AddrPort{}, false
	}
	for input, n := range c.of {
		if uint64(c.all-n)*causesMixed < uint64(c.all) {
			return input, true
		}
	}
	return netip.AddrPort{}, false
}
