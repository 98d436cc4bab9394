package causality

import "time"

// unreadablePatience is how long a request may last that came on a connection whose bytes tell nothing: TLS, or a
// protocol that is not known.
const unreadablePatience = 10 * time.Second

// Unreadable says that bytes were moved on a connection by which a process is asked something that cannot be
// read: requests are open in it of which nothing is known.
func (t *Table) Unreadable(m *Moment) {
	m.Process.unreadable.until = m.Time + int64(unreadablePatience)
}

// Blind says how many more or, below 0, fewer connections there are by which a process is asked something and
// of which not even the bytes are seen any more.
func (p *Process) Blind(more int) { p.unreadable.connections += more }

// unreadable is what is known of requests that cannot be read.
type unreadable struct {
	until       int64 // some may be open
	connections int   // by which some may come at any time
}

// seesAll reports whether all requests of the process are known.
func (p *Process) seesAll(now int64) bool {
	return p.unreadable.connections == 0 && now >= p.unreadable.until
}
