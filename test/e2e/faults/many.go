package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/pkg/span"
)

// each is how many requests each of many agents or clients sends.
const each = 3

// manyAgents lets the agents of a fleet push, each by a connection of its own, and kills the server
// under them: all come back at once.
func manyAgents(ctx context.Context, b *bed, agents int) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range agents {
		group.Go(func() error {
			name := fmt.Sprintf("agent-%d", i)
			q, err := export.New(export.Config{Server: "unix://" + filepath.Join(b.dir, "s"), Agent: name, Node: name, Boot: uint64(i + 1), Started: time.Now(),
				Ledger: new(ledger.Ledger), Log: slog.New(slog.DiscardHandler), Workers: 1})
			if err != nil {
				return err
			}
			defer q.Close()
			for range each {
				if err := b.load.export(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		if err := b.load.goesOn(ctx, b, agents/4); err != nil {
			return err
		}
		b.server.Kill()
		if err := b.startServer(); err != nil {
			return err
		}
		return b.recovers(ctx, time.Now())
	})
	return group.Wait()
}

// export sends one trace by an agent's queue, until the server has it.
func (l *load) export(ctx context.Context, q *export.Queue) error {
	n := l.next.Add(1)
	batch, now := new(span.Batch), time.Now().UnixNano()
	for i := range perTrace {
		s := &span.Span{ID: span.NewID(now, n<<8|uint64(i+1)), Source: span.APP, Point: span.PointApp, TraceID: span.TraceID(l.id(n)), Start: now + int64(i)*1000, Duration: 500_000,
			Node: "node0", Service: service, Endpoint: "GET /items/{id}"}
		s.SpanID[7] = byte(i + 1)
		if i > 0 {
			s.ParentSpanID[7] = byte(i)
		}
		batch.Append(s)
	}
	_, err := q.Send(ctx, batch)
	for err != nil && ctx.Err() == nil {
		var under *export.Unanswered
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		switch {
		case errors.As(err, &under):
			_, err = under.Wait(ctx)
		case errors.Is(err, export.ErrRefused):
			return err
		default:
			_, err = q.Send(ctx, batch)
		}
	}
	if err == nil {
		l.note(func() { l.acked[n] = time.Now() })
	}
	return err
}

// manyClients sends from many clients at once, each by a connection of its own that stays.
func manyClients(ctx context.Context, b *bed, clients int) error {
	group, all := errgroup.WithContext(ctx)
	for range clients {
		group.Go(func() error {
			transport := &http.Transport{MaxIdleConnsPerHost: 1, DialContext: (&net.Dialer{Timeout: patience}).DialContext}
			defer transport.CloseIdleConnections()
			one := &http.Client{Timeout: patience, Transport: transport}
			for range each {
				if _, err := b.load.by(all, one); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return b.recovers(ctx, time.Now())
}
