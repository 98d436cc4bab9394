package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

const (
	// moveTime is for how long a receiver that moved to another address still takes new connections at the
	// one before: those who send learn of it by other ways, and not at once. Each answer ends its connection.
	moveTime = 10 * time.Second
	// handshakes is how long connections may take that were being made when a socket became deaf.
	handshakes = 250 * time.Millisecond
	// leaveTime is how long those may go on who send over connections that were made before.
	leaveTime = 30 * time.Second
	// freed is how long to wait for an address that is about to be free.
	freed = 2 * time.Second
)

// step is what is to be done for one receiver.
type step struct {
	to   receiverAddress
	from *listener    // that it has, under its name or another; nil: it is opened
	open net.Listener // what was opened
}

// moveReceivers has the receivers listen elsewhere, all of them or none: a new address is open before the
// one that it takes the place of is given up. ctx is the agent's.
func (a *agent) moveReceivers(ctx context.Context, wanted []receiverAddress) error {
	r := &a.receivers
	r.awaitClosing(ctx, wanted)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return errors.New("the agent ends")
	}
	steps, givenUp := r.steps(wanted)
	for i := range steps {
		s := &steps[i]
		if s.from != nil {
			continue
		}
		var err error
		if s.open, err = listen(a.config.Netns, s.to.address); err != nil {
			for _, opened := range steps[:i] {
				if opened.open != nil {
					opened.open.Close()
				}
			}
			return fmt.Errorf("%s: %w", s.to.name, err)
		}
	}
	r.all = nil
	for _, s := range steps {
		l := s.from
		switch {
		case l == nil:
			l = r.newListener(s.to, s.open)
			r.serve(l)
			a.config.Log.Info("receiving spans", "protocol", l.name, "address", l.Addr().String())
		case l.stays != nil:
			r.stay(l)
			fallthrough
		default:
			l.name, l.address = s.to.name, s.to.address
		}
		r.all = append(r.all, l)
	}
	for _, l := range givenUp {
		moved := slices.ContainsFunc(wanted, func(w receiverAddress) bool { return w.name == l.name && w.address != "" })
		r.leave(ctx, a, l, moved)
	}
	return nil
}

// steps says what is to be done, and which listeners are given up. r.mu is held.
func (r *receivers) steps(wanted []receiverAddress) (steps []step, givenUp []*listener) {
	givenUp = slices.Clone(r.all)
	take := func(from *[]*listener, is func(*listener) bool) *listener {
		i := slices.IndexFunc(*from, is)
		if i < 0 {
			return nil
		}
		l := (*from)[i]
		*from = slices.Delete(slices.Clone(*from), i, i+1)
		return l
	}
	for _, to := range wanted { // those that stay where they are
		if to.address != "" {
			steps = append(steps, step{to: to, from: take(&givenUp, func(l *listener) bool { return l.name == to.name && l.address == to.address })})
		}
	}
	leaving := r.leaving
	for i := range steps { // those whose address another one has or had
		if s := &steps[i]; s.from == nil {
			at := func(l *listener) bool { return l.address == s.to.address && l.Listener != nil && !l.closing }
			if s.from = take(&givenUp, at); s.from == nil {
				s.from = take(&leaving, at)
			}
		}
	}
	return steps, givenUp
}

// stay takes a listener back that was about to leave. r.mu is held.
func (r *receivers) stay(l *listener) {
	close(l.stays)
	l.stays = nil
	l.connections.draining.Store(false)
	r.leaving = slices.DeleteFunc(slices.Clone(r.leaving), func(o *listener) bool { return o == l })
}

// leave gives a listener up, at once or, where its receiver moved, when those who send had time to learn of
// it. r.mu is held.
func (r *receivers) leave(ctx context.Context, a *agent, l *listener, moved bool) {
	if l.Listener == nil {
		return
	}
	stay := time.Duration(0)
	if moved {
		stay = moveTime
	}
	stays := make(chan struct{})
	l.stays, l.gone, l.closing = stays, make(chan struct{}), !moved
	l.connections.draining.Store(true)
	r.leaving = append(slices.Clone(r.leaving), l)
	r.moving.Go(func() {
		select {
		case <-time.After(stay):
		case <-stays:
			return
		case <-ctx.Done():
			return // stop ends it
		}
		r.mu.Lock()
		if l.stays != stays { // just now
			r.mu.Unlock()
			return
		}
		l.closing = true
		r.mu.Unlock()
		r.close(ctx, a, l)
	})
}

// close ends a listener so that no connection that was made is lost.
func (r *receivers) close(ctx context.Context, a *agent, l *listener) {
	if err := deafen(l.Listener); err != nil {
		a.config.Log.Debug("who connects at this moment may be refused", "address", l.Addr().String(), "error", err)
	}
	l.awaitAccepted(ctx)
	l.Close()
	r.mu.Lock()
	close(l.gone)
	r.mu.Unlock()
	a.config.Log.Info("receiving no more spans", "protocol", l.name, "address", l.Addr().String())
	a.group.changed()
	// When the agent ends meanwhile, who sends gets as long as with every other receiver.
	ending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, cancel) })()
	if err := l.end(ending, leaveTime); err != nil && ctx.Err() == nil {
		a.config.Log.Debug("end a receiver", "address", l.Addr().String(), "error", err)
	}
	r.mu.Lock()
	r.leaving = slices.DeleteFunc(slices.Clone(r.leaving), func(o *listener) bool { return o == l })
	r.mu.Unlock()
	a.group.changed()
}

// awaitAccepted waits until the connections are accepted that were made, or being made, before the socket
// became deaf.
func (l *listener) awaitAccepted(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deaf := time.Now(); time.Since(deaf) < handshakes || waiting(l.Listener) > 0 && time.Since(deaf) < leaveTime; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// awaitClosing waits, not long, for addresses that are wanted again while they are being closed.
func (r *receivers) awaitClosing(ctx context.Context, wanted []receiverAddress) {
	ctx, cancel := context.WithTimeout(ctx, freed)
	defer cancel()
	r.mu.Lock()
	var closing []chan struct{}
	for _, l := range r.leaving {
		if l.closing && slices.ContainsFunc(wanted, func(w receiverAddress) bool { return w.address == l.address }) {
			closing = append(closing, l.gone)
		}
	}
	r.mu.Unlock()
	for _, gone := range closing {
		select {
		case <-gone:
		case <-ctx.Done():
		}
	}
}
