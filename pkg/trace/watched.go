package trace

import "net/netip"

// Watched says whether an agent looked at the system calls and at the packets of an address,
// a pod's or a node's, about that time, in Unix nanoseconds; "" is any node. Nobody looked at
// an address that is not known. It may be nil: then the trace's own spans tell.
type Watched func(pod netip.Addr, node string, at int64) (sys, net bool)
