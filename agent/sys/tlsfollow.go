package sys

// following is where a connection of a library begins to be followed. Of one that was open before the library had probes a
// call may have begun before them, and is not seen: a program reads in another goroutine or thread than it writes. What it
// gave answers what was asked meanwhile, and nothing may be taken for that. So who asks is followed from its first
// request behind an answer that was seen, who is asked from the first request that was.
type following struct {
	whole bool // from now on
	heard bool // a read was seen
}

// from takes the next call, and reports whether it is followed.
func (f *following) from(out, serves bool) bool {
	if f.whole {
		return true
	}
	f.whole = !out && serves || out && f.heard
	f.heard = f.heard || !out
	return f.whole
}
