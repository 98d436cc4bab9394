package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/wire"
)

// receiver stands for the server: it takes what the agent exports, and keeps it.
type receiver struct {
	wire.UnimplementedIngestServer
	server *grpc.Server

	mu      sync.Mutex
	spans   []*span.Span
	watched []*wire.Watched // by the latest report that tells
	ledger  []*wire.LedgerRow
}

func receive(path string) (*receiver, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	r := &receiver{server: grpc.NewServer()}
	wire.RegisterIngestServer(r.server, r)
	go r.server.Serve(l) //nolint:errcheck // it ends with Stop
	return r, nil
}

func (r *receiver) Push(_ context.Context, q *wire.PushRequest) (*wire.PushResponse, error) {
	var b span.Batch
	if err := wire.Decode(q.Batch, &b); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = slices.AppendSeq(r.spans, b.Spans())
	return &wire.PushResponse{Accepted: uint64(b.Len())}, nil
}

func (r *receiver) Report(_ context.Context, q *wire.ReportRequest) (*wire.ReportResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ledger = q.Ledger
	if len(q.Watched) > 0 {
		r.watched = q.Watched
	}
	return &wire.ReportResponse{}, nil
}

// watches says whether a source looks at both pods.
func (r *receiver) watches(source string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.watched {
		if w.Source == source {
			return holds(w.Addresses, client) && holds(w.Addresses, server)
		}
	}
	return false
}

func holds(addresses []byte, p pod) bool {
	want := net.ParseIP(p.address).To16()
	for a := range slices.Chunk(addresses, len(want)) {
		if slices.Equal(a, want) {
			return true
		}
	}
	return false
}

// arrived waits until so many spans are there, or none comes any more.
func (r *receiver) arrived(want int) error {
	const quiet = 30 * time.Second // the agent exports within a second
	for n, since := 0, time.Now(); ; time.Sleep(100 * time.Millisecond) {
		r.mu.Lock()
		now := len(r.spans)
		r.mu.Unlock()
		switch {
		case now >= want:
			return nil
		case now > n:
			n, since = now, time.Now()
		case time.Since(since) > quiet:
			return fmt.Errorf("%d spans came, and no more for %s; want %d", n, quiet, want)
		}
	}
}
