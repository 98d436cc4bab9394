package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/throughline-io/throughline/pkg/wire"
)

// ingestRate is how many spans a second come in while readers ask.
const ingestRate = 25_000

// ingest sends spans to a server as an agent does, ten pushes a second, until stop is called,
// which says how many came in.
func (s *serving) ingest(ctx context.Context) (stop func() (int, error), err error) {
	conn, err := grpc.NewClient("unix://"+s.socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	client := wire.NewIngestClient(conn)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	pushed := 0
	boot := uint64(time.Now().UnixNano())
	go func() {
		const perSecond = 10
		c := newCorpus(boot, ingestRate/100/perSecond, time.Second/perSecond/(ingestRate/100/perSecond))
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		for n := uint64(1); ; n++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				ended <- nil
				return
			}
			b := c.round(n, time.Now().UnixNano())
			if _, err := client.Push(ctx, &wire.PushRequest{Agent: "bench", Boot: boot, Sequence: n, Batch: wire.Encode(b)}); err != nil && ctx.Err() == nil {
				ended <- fmt.Errorf("push: %w", err)
				return
			}
			if ctx.Err() == nil {
				pushed += b.Len()
			}
		}
	}()
	return func() (int, error) {
		cancel()
		err := <-ended
		return pushed, errors.Join(err, conn.Close())
	}, nil
}
