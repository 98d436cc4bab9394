package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/throughline-io/throughline/pkg/store"
)

// usualTimeout is how long a trace waits for what is usual: it is shown without, too.
const usualTimeout = time.Second

// usual are the medians of the trace's hops, by what the panel knows of a row:
// "service|name|point". One statement; nil where the store has none, or is slow.
func (i *Instance) usual(ctx context.Context, t *assembled) map[string]float64 {
	keys := map[string]store.Hop{}
	known := map[store.Hop]bool{}
	var hops []store.Hop
	for _, s := range t.tree.Spans {
		hop := store.Hop{Service: s.Service, Request: store.RequestName(s), Point: s.Point}
		keys[t.place(s).service+"|"+spanName(s)+"|"+s.Point.String()] = hop
		if !known[hop] {
			known[hop] = true
			hops = append(hops, hop)
		}
	}
	if len(hops) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	medians, err := i.store.Usual(ctx, hops, t.start())
	if err != nil {
		log.DefaultLogger.FromContext(ctx).Debug("A trace is shown without its usual durations", "error", err)
		return nil
	}
	out := make(map[string]float64, len(keys))
	for key, hop := range keys {
		if median, ok := medians[hop]; ok {
			out[key] = median
		}
	}
	return out
}
