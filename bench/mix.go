package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

// The mix: traces of the WebShop, 100 spans each of system calls, packets and OpenTelemetry, as the
// agents of three nodes push them to the server.
const (
	mixAgents = 3
	mixEvery  = 100 * time.Millisecond
	mixTraces = 25 // in that time, so 25,000 spans/s
)

func webShop(ctx context.Context, o options) error {
	b, err := newBed(ctx, o.bin, false)
	if err != nil {
		return err
	}
	defer b.close()
	rounds := o.spans / (mixTraces * 100)
	n := rounds * mixTraces * 100
	fmt.Printf("\nmix: %d spans of WebShop traces, 25000 a second, by %d agents every %v, each push answered when its spans are on disk\n", n, mixAgents, mixEvery)
	var took durations
	err = b.measure(ctx, n, func() (err error) {
		took, err = pushMix(ctx, b.grpc, rounds)
		return err
	})
	if err == nil {
		fmt.Printf("pushes answered after p50 %v, p99 %v, at most %v\n", took.at(0.5), took.at(0.99), took.at(1))
	}
	return err
}

func pushMix(ctx context.Context, server string, rounds int) (took durations, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var agents sync.WaitGroup
	work := make([]chan *wire.PushRequest, mixAgents)
	for i := range work {
		conn, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithInitialWindowSize(64<<10))
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		client := wire.NewIngestClient(conn)
		work[i] = make(chan *wire.PushRequest, 600) // a minute
		agents.Go(func() {
			for req := range work[i] {
				began := time.Now()
				if _, err := client.Push(ctx, req); err != nil {
					cancel(err)
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
			}
		})
	}
	shop := tracetest.NewShop(uint64(time.Now().UnixNano()))
	began := time.Now()
	for round := range rounds {
		if pause(ctx, time.Until(began.Add(time.Duration(round)*mixEvery))) != nil {
			break
		}
		for i, b := range mixOf(shop) {
			work[i] <- &wire.PushRequest{Agent: fmt.Sprintf("node-%d", i), Boot: 1, Sequence: uint64(round + 1), Batch: wire.Encode(b)}
		}
	}
	for _, w := range work {
		close(w)
	}
	agents.Wait()
	return took, context.Cause(ctx)
}

// mixOf is what each agent saw in a tenth of a second.
func mixOf(shop *tracetest.Shop) (seen [mixAgents]*span.Batch) {
	for i := range seen {
		seen[i] = new(span.Batch)
	}
	agent := map[string]int{} // by node
	for i := range mixTraces {
		t := shop.Trace(time.Now().UnixNano() + int64(i)*mixEvery.Nanoseconds()/mixTraces)
		for _, s := range t {
			at, known := agent[s.Node]
			if !known {
				at = len(agent) % mixAgents
				agent[s.Node] = at
			}
			seen[at].Append(s)
		}
		seen[0].Edges = append(seen[0].Edges, edges(t)...)
	}
	return seen
}
