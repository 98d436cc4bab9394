package causality

// follow says whether it is worth to ask where a process's goroutines run: to look costs a third of what is
// added to each of its calls, and it tells of calls only that one goroutine makes for another's request. Of a
// process that has made many calls without one nothing is asked any more, until one comes: that tells of the next.
// So a process loses the first of them once at most, those of some milliseconds: it is followed for good from then on.
type follow struct {
	without uint32 // calls since there was one
	off     bool
	known   bool // it makes such calls, if seldom
}

// followed is how many calls without one it takes.
const followed = 1024

// call takes a call, whoever makes it.
func (f *follow) call() {
	if f.without++; f.without >= followed && !f.known {
		f.off = true
	}
}

// other takes that a goroutine sends something that has no request of its own, while others do.
func (f *follow) other() {
	f.without = 0
	f.known = f.known || f.off
	f.off = false
}

// Follows reports whether a process's goroutines are to be followed, where they can be.
func (p *Process) Follows() bool { return !p.follow.off }
