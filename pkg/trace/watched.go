package trace

import "net/netip"

// Watched says whether an agent looked at the system calls and at the packets of a pod (or,
// where the address is not known, of a node) about that time, in Unix nanoseconds. It may be
// nil: then the trace's own spans tell.
type Watched func(pod netip.Addr, node string, at int64) (sys, net bool)
