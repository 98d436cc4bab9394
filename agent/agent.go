package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/link"
)

// agent is a running agent.
type agent struct {
	config    Config
	started   time.Time
	identity  *identity
	ledger    ledger.Ledger
	output    output
	linker    *link.Linker
	receivers receivers
	sources   sources
	state     state
	heartbeat *heartbeat
	handover  handover
	group     group
}

// shutdownTime is how long an agent tries to get rid of what it holds when it ends.
const shutdownTime = 8 * time.Second

// Run runs an agent until ctx is done, or another agent with the same state directory takes over. Each
// part of it starts or says why not, and the others go on; it fails where none can.
func Run(ctx context.Context, c Config) error {
	if err := c.check(); err != nil {
		return err
	}
	a := &agent{config: c, started: time.Now(), identity: newIdentity(c.Name, c.Node)}
	var err error
	if a.heartbeat, err = newHeartbeat(c.StateDir); err != nil {
		return err
	}
	before, err := inherit(ctx, c.StateDir)
	if err != nil {
		return err
	}
	defer before.close()
	defer a.handover.close() // the last thing but for that
	a.recall()
	if a.config.MemoryBound != nil {
		a.config.MemoryBound(a.config.OTLPMemory + int64(a.config.NETMemory))
	}
	if a.output, err = a.newOutput(); err != nil {
		return err
	}
	defer a.output.Close()
	a.linker = link.New(a.output.AddEdge, a.sources.pod, &a.ledger)
	if err := a.newReceivers(); err != nil {
		return err
	}
	a.listen(before)
	before.close()
	defer a.receivers.closeListeners()
	if err := a.serveStats(ctx); err != nil {
		return fmt.Errorf("listen for statistics: %w", err)
	}
	if err := a.serveAdmin(ctx); err != nil {
		return fmt.Errorf("listen for metrics and health: %w", err)
	}
	a.startSources(ctx)
	if err := a.idle(); err != nil {
		return fmt.Errorf("nothing that was asked for can be done: %w", err)
	}
	a.endBlindness()
	return a.run(ctx)
}

// endBlindness notes since when the run before saw nothing.
func (a *agent) endBlindness() {
	i, ok, err := a.heartbeat.Blind(time.Now())
	if err != nil {
		a.config.Log.Warn("for how long nobody looked is not known", "error", err)
	}
	if !ok {
		return
	}
	a.state.mu.Lock()
	a.state.blind = append(a.state.blind, i)
	a.state.mu.Unlock()
	a.config.Log.Info("blind before this run", "from", time.Unix(0, i.From), "for", time.Duration(i.To-i.From).Round(time.Millisecond))
}

func (a *agent) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := a.offerHandover(ctx, cancel); err != nil {
		a.config.Log.Warn("the next agent cannot take over the sockets; senders will be refused while it starts", "error", err)
	}
	a.receivers.serve = func(l *listener) {
		name := l.name // it may get another's later
		l.serving.Go(func() {
			if err := a.receivers.receive(l, name); err != nil {
				cancel(err)
			}
		})
	}
	a.newFollower(ctx)
	a.confine() // before anybody is listened to
	for _, l := range a.receivers.listening() {
		a.receivers.serve(l)
	}
	go a.keepListening(ctx)
	go a.beat(ctx)
	a.state.seeing()
	a.config.Log.Info("agent runs", "name", a.config.Name, "node", a.config.Node, "server", a.config.Server)
	if a.group.follower != nil {
		go a.group.follower.Run(ctx)
	}
	a.follow(ctx)
	<-ctx.Done()
	failure := context.Cause(ctx)
	if errors.Is(failure, context.Canceled) || errors.Is(failure, errHandedOver) {
		failure = nil
	}
	return errors.Join(failure, a.shutdown())
}

// beat notes every second that the agent is alive, and lets roots wait no longer than they must.
func (a *agent) beat(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	failed := false
	for {
		if err := a.heartbeat.Beat(a.identity.boot, time.Now()); err != nil && !failed {
			failed = true
			a.config.Log.Warn("after a crash it will not be known for how long nobody looked", "error", err)
		}
		a.linker.Settle()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// shutdown ends the sources first, so that what they still hold is exported too.
func (a *agent) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	var errs []error
	if err := a.sources.close(); err != nil {
		errs = append(errs, fmt.Errorf("end the captures: %w", err))
	}
	if err := a.receivers.stop(ctx); err != nil {
		errs = append(errs, fmt.Errorf("end the OTLP receivers: %w", err))
	}
	if err := a.output.Flush(ctx); err != nil {
		errs = append(errs, fmt.Errorf("spans were left that the server did not take: %w", err))
	}
	if err := a.heartbeat.Beat(a.identity.boot, time.Now()); err != nil {
		errs = append(errs, err)
	}
	a.group.end()
	return errors.Join(errs...)
}
