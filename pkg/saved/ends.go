package saved

import (
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// nameEnds says who the ends of connections are where other spans of the file tell whose the
// address is: a server does that of spans that are received.
func (r *reader) nameEnds() {
	at := map[netip.Addr]uint64{}
	note := func(address netip.Addr, entity uint64) {
		if address.IsValid() && !address.IsLoopback() && entity != 0 && at[address] == 0 {
			at[address] = entity
		}
	}
	for _, s := range r.spans {
		note(s.PodIP, s.Entity)
	}
	for _, s := range r.spans {
		note(s.Client.Addr(), s.ClientEntity)
		note(s.Server.Addr(), s.ServerEntity)
	}
	for _, s := range r.spans {
		if s.Source != span.APP {
			continue
		}
		if s.ClientEntity == 0 {
			s.ClientEntity = at[s.Client.Addr()]
		}
		if s.ServerEntity == 0 {
			s.ServerEntity = at[s.Server.Addr()]
		}
	}
}
