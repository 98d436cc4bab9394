package ingest

import (
	"net/netip"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/wire"
)

// maxWatched bounds the addresses of one report: a node has some hundred pods.
const maxWatched = 1 << 14

// watches are what agents said last that they look at, until it is stored.
type watches struct {
	mu      sync.Mutex
	byAgent map[string][]store.Watch
	max     int // agents
	reports uint64
	dropped uint64
}

// readWatched checks what a report says of it.
func readWatched(r *wire.ReportRequest) ([]store.Watch, error) {
	var all []store.Watch
	for _, w := range r.GetWatched() {
		source, err := span.ParseSource(w.GetSource())
		if err != nil || source == span.APP {
			continue // of a newer agent
		}
		data := w.GetAddresses()
		if len(data)%16 != 0 {
			return nil, status.Errorf(codes.InvalidArgument, "%d bytes of watched addresses: want 16 for each", len(data))
		}
		if len(all)+len(data)/16 > maxWatched {
			return nil, status.Errorf(codes.InvalidArgument, "more than %d watched addresses in one report", maxWatched)
		}
		for ; len(data) > 0; data = data[16:] {
			all = append(all, store.Watch{
				Address: netip.AddrFrom16([16]byte(data)).Unmap(), Source: source, Node: r.GetNode(), Agent: r.GetAgent(),
				Since: min(w.GetSince(), r.GetNow()), Until: r.GetNow(),
			})
		}
	}
	return all, nil
}

// add keeps a report in the place of the agent's last one.
func (w *watches) add(agent string, all []store.Watch) {
	if len(all) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports++
	if _, known := w.byAgent[agent]; !known && len(w.byAgent) >= w.max {
		w.dropped++ // the store has been away for long
		return
	}
	w.byAgent[agent] = all
}

// Watched hands over what agents said that they look at since the last call. What cannot be
// stored is made up for by their next reports.
func (s *Service) Watched() (all []store.Watch) {
	w := &s.watches
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, list := range w.byAgent {
		all = append(all, list...)
	}
	clear(w.byAgent)
	return all
}

// WatchReports are how many reports of what agents look at came, and how many of them were
// dropped because the store was away.
func (s *Service) WatchReports() (came, dropped uint64) {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	return s.watches.reports, s.watches.dropped
}
