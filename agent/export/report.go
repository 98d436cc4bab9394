package export

import (
	"context"
	"time"

	"github.com/throughline-io/throughline/pkg/wire"
)

// reportEverySecond is the agent's heartbeat. A report that fails is not repeated: the
// next one says the same and more.
func (q *Queue) reportEverySecond(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		q.report(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (q *Queue) report(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request := &wire.ReportRequest{
		Agent: q.config.Agent, Node: q.config.Node, Version: q.config.Version, Boot: q.config.Boot,
		Started: q.config.Started.UnixNano(), Now: time.Now().UnixNano(),
	}
	for _, r := range q.config.Ledger.Rows() {
		request.Ledger = append(request.Ledger, &wire.LedgerRow{Stage: r.Stage, Source: r.Source, What: r.What, Count: r.Count})
	}
	if q.config.Intervals != nil {
		request.Ledger = append(request.Ledger, q.config.Intervals()...)
	}
	if _, err := q.client.Report(ctx, request); err != nil {
		q.count.reportsFailed.Add(1)
	}
}
