package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// What OpenTelemetry's SDKs and its collector, with the settings they come with, make of an agent that is
// restarted while its server is away; see senders/README.md.

// restartUnderSDKs restarts the agent in the two ways that refuse no connection: half of the times as
// systemd does, which holds the socket, then by an agent that takes over from the one that runs. No sender
// may give up a span.
func restartUnderSDKs(ctx context.Context, b *bed, times int) error {
	return b.underSDKs(ctx, times, func(i int) error {
		if i < times/2 {
			if err := b.agent.Stop(patience); err != nil {
				return err
			}
			return b.startAgent()
		}
		if b.socket != nil { // from here on only agents hold it
			b.socket.Close()
			b.socket = nil
		}
		before := b.agent
		if err := b.startAgent(); err != nil {
			return err
		}
		return before.Wait(ctx)
	}, func(f *fate) error {
		if f.left > 0 {
			return fmt.Errorf("%d spans were given up", f.left)
		}
		return nil
	})
}

// killUnderSDKs kills the agent, whose socket systemd holds. Some exporters give up a request whose
// connection is reset; what they were told is stored is.
func killUnderSDKs(ctx context.Context, b *bed, times int) error {
	return b.underSDKs(ctx, times, func(int) error {
		b.agent.Kill()
		return b.startAgent()
	}, func(*fate) error { return nil })
}

// Between two restarts, at random.
const (
	betweenShort = 6 * time.Second
	betweenFull  = 30 * time.Second
)

// underSDKs has all senders send, takes the server away, restarts the agent again and again, and brings the
// server back. judge says what is wrong with what became of a sender's spans, beside what always is.
func (b *bed) underSDKs(ctx context.Context, times int, restart func(i int) error, judge func(*fate) error) error {
	s := new(senders)
	defer s.kill()
	if err := s.start(ctx, b); err != nil {
		return err
	}
	if err := b.await(ctx, "each sender was answered", s.answered); err != nil {
		return err
	}
	b.server.Kill()
	between := betweenShort
	if b.full {
		between = betweenFull
	}
	for i := range times {
		at := rand.N(between)
		if err := pause(ctx, at); err != nil {
			return err
		}
		if err := restart(i); err != nil {
			return fmt.Errorf("restart %d: %w", i+1, err)
		}
		if err := pause(ctx, between-at); err != nil {
			return err
		}
	}
	back := time.Now()
	if err := b.startServer(); err != nil {
		return err
	}
	if err := b.recovers(ctx, back); err != nil {
		return err
	}
	if err := s.stop(ctx); err != nil {
		return err
	}
	fates, err := b.fates(ctx, s)
	if err != nil {
		return err
	}
	var table strings.Builder
	var errs []error
	for i, f := range fates {
		name := s.all[i].name
		fmt.Fprintf(&table, "  %-32s made %d, acknowledged %d, given up by the sender %d, lost %d, listed twice %d, in metrics: %d more, %d less; %d rows twice in the table\n",
			name, f.made, len(f.acknowledged), f.left, f.lost, f.listed, f.more, f.less, f.rows)
		for _, err := range []error{f.verdict(), judge(f)} {
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	if s.collector != nil {
		fmt.Fprintf(&table, "  %-32s given up by the collector %d\n", "collector", s.collector.gaveUp)
		if s.collector.gaveUp > 0 {
			errs = append(errs, judge(&fate{left: s.collector.gaveUp}))
		}
	}
	fmt.Print(table.String())
	return errors.Join(errs...)
}

// answered reports whether each sender had an acknowledgement.
func (s *senders) answered() bool {
	return !slices.ContainsFunc(s.all, func(one *sender) bool { return !one.answered() })
}

// verdict is what is wrong with it, whatever happened.
func (f *fate) verdict() error {
	var errs []error
	if len(f.acknowledged) == 0 {
		errs = append(errs, errors.New("nothing was acknowledged"))
	}
	if f.lost > 0 {
		errs = append(errs, fmt.Errorf("%d spans were acknowledged and are lost", f.lost))
	}
	if f.listed > 0 {
		errs = append(errs, fmt.Errorf("%d spans are listed twice", f.listed))
	}
	if f.more > 0 {
		errs = append(errs, fmt.Errorf("metrics count %d spans too many", f.more))
	}
	if f.less > 0 {
		errs = append(errs, fmt.Errorf("metrics count %d spans too few", f.less))
	}
	return errors.Join(errs...)
}
