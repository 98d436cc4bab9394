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

// sayAgain is how long a reason why reports fail is the last one that is logged: the first may be that
// time ran out, and a later one why.
const sayAgain = 5 * time.Second

func (q *Queue) report(running context.Context) {
	ctx, cancel := context.WithTimeout(running, time.Second)
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
	told := func() {}
	if q.config.Watched != nil {
		request.Watched, told = q.watched.due(q.config.Watched, time.Now())
	}
	if _, err := q.client.Report(ctx, request); err != nil {
		q.count.reportsFailed.Add(1)
		if text := err.Error(); running.Err() == nil && text != q.unheard && time.Since(q.unheardAt) > sayAgain {
			q.unheard, q.unheardAt = text, time.Now()
			q.config.Log.Warn("the server does not hear of this agent", "server", q.config.Server, "error", err)
		}
		return
	}
	if q.unheard != "" {
		q.unheard, q.unheardAt = "", time.Time{}
		q.config.Log.Info("the server hears of this agent", "server", q.config.Server)
	}
	told()
	if len(request.Watched) > 0 {
		q.count.watchedReports.Add(1)
	}
}

// watchedEvery is how often it is told what the agent looks at, though nothing changed: so
// long after an agent died nobody knows that it did.
const watchedEvery = time.Minute

// watchedReport remembers when it was told last what the agent looks at.
type watchedReport struct {
	at      time.Time
	changes int
}

// due is what is to be told now, nil for nothing; told is called when the server has it.
func (w *watchedReport) due(watched func() ([]*wire.Watched, int), now time.Time) (all []*wire.Watched, told func()) {
	all, changes := watched()
	if changes == w.changes && now.Sub(w.at) < watchedEvery {
		return nil, func() {}
	}
	return all, func() { w.at, w.changes = now, changes }
}
