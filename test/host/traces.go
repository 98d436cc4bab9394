package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
	"github.com/throughline-io/throughline/pkg/wire"
)

// The fixture's traces: enough for a request list, spread over the dashboard's time range.
const (
	fixtureTraces = 40
	fixtureRange  = 10 * time.Minute
)

// breakages are what the demo's --break makes slow. The fixture has one trace of each,
// older than the others, so that the list begins with ordinary ones.
var breakages = []string{"code", "pool", "network", "database"}

// crowdBatch is how many traces of the crowd are pushed at once.
const crowdBatch = 250

// push sends the traces as an agent does, and returns when the server has stored them: the
// trace ids, by breakage. They are spread over fixtureRange from begin on. A crowd of further traces lies among the others, for measuring.
func push(ctx context.Context, address string, begin time.Time, crowd int) (map[string]string, error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	batch, broken := traces(begin)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	client := wire.NewIngestClient(conn)
	if err := pushOne(ctx, client, batch, 1); err != nil {
		return nil, err
	}
	if err := watch(ctx, client, begin.Add(-time.Minute)); err != nil {
		return nil, err
	}
	shop := tracetest.NewShop(99)
	for n := 0; n < crowd; n += crowdBatch {
		more := &span.Batch{}
		for i := n; i < min(n+crowdBatch, crowd); i++ {
			spans := shop.Trace(begin.Add(fixtureRange * time.Duration(i) / time.Duration(crowd)).UnixNano())
			for _, s := range spans {
				more.Append(s)
			}
			more.Edges = append(more.Edges, edges(spans)...)
		}
		if err := pushOne(ctx, client, more, uint64(2+n/crowdBatch)); err != nil {
			return nil, err
		}
	}
	return broken, nil
}

func pushOne(ctx context.Context, client wire.IngestClient, batch *span.Batch, sequence uint64) error {
	request := &wire.PushRequest{Agent: "fixture", Boot: 1, Sequence: sequence, Batch: wire.Encode(batch)}
	answer, err := client.Push(ctx, request, grpc.WaitForReady(true))
	for status.Code(err) == codes.Unavailable && ctx.Err() == nil { // the store is starting
		time.Sleep(100 * time.Millisecond)
		answer, err = client.Push(ctx, request, grpc.WaitForReady(true))
	}
	if err != nil {
		return fmt.Errorf("push the fixture's spans: %w", err)
	}
	if answer.Accepted != uint64(batch.Len()) {
		return fmt.Errorf("the server took %d of the fixture's %d spans: %s", answer.Accepted, batch.Len(), strings.TrimSpace(answer.Message))
	}
	return nil
}

// traces makes all traces from begin on, and says which are the broken ones.
func traces(begin time.Time) (*span.Batch, map[string]string) {
	batch, broken := &span.Batch{}, map[string]string{}
	add := func(spans []*span.Span) {
		for _, s := range spans {
			batch.Append(s)
		}
		batch.Edges = append(batch.Edges, edges(spans)...)
	}
	for n, what := range breakages {
		shop := tracetest.NewShop(uint64(2 + n))
		shop.Break = what
		spans := shop.Trace(begin.Add(time.Duration(n-len(breakages)) * 2 * time.Second).UnixNano())
		broken[what] = traceID(spans)
		add(spans)
	}
	shop := tracetest.NewShop(1)
	for n := range fixtureTraces {
		add(shop.Trace(begin.Add(fixtureRange * time.Duration(n) / fixtureTraces).UnixNano()))
	}
	return batch, broken
}

// traceID is the id that the applications gave the trace.
func traceID(spans []*span.Span) string {
	for _, s := range spans {
		if s.Source == span.APP {
			return hex.EncodeToString(s.TraceID[:])
		}
	}
	return ""
}

// edges join the groups of a trace. On a node the agent finds them, from what it saw
// inside the processes.
func edges(spans []*span.Span) []span.Edge {
	tree := trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
	var out []span.Edge
	for i, s := range tree.Spans {
		parent := tree.Parent[i]
		if parent < 0 {
			continue
		}
		if a, b := tree.Spans[parent].Group(), s.Group(); a != b {
			out = append(out, span.Edge{A: a, B: b, Time: s.Start, Kind: span.EdgePassage})
		}
	}
	return out
}
