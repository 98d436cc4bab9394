package export

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/wire"
)

// dial connects in the background. gRPC's own back-off would grow to two minutes; an
// agent is to be back within a second of its server.
func dial(c *Config) (*grpc.ClientConn, error) {
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(newPlain()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		// Answers are short. Windows of a fixed size: to find a better one gRPC would ping the server
		// after each answer, which wakes both sides twice.
		grpc.WithInitialWindowSize(64 << 10),
		grpc.WithInitialConnWindowSize(64 << 10),
		// A server whose machine vanished sends no reset.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}),
	}, c.Dial...)
	conn, err := grpc.NewClient(c.Server, options...)
	if err != nil {
		return nil, fmt.Errorf("server address %q (want host:port or unix:///path): %w", c.Server, err)
	}
	return conn, nil
}

// Delays between attempts.
const (
	firstDelay  = 50 * time.Millisecond
	lastDelay   = time.Second
	pushTimeout = 30 * time.Second
)

func (q *Queue) work(ctx context.Context) {
	for {
		p := q.take()
		if p == nil {
			return
		}
		if q.log != nil {
			q.settle(p, q.write(p))
		} else {
			q.settle(p, q.deliver(ctx, p))
		}
	}
}

// request is a parcel as it goes to the server. It shares the parcel's memory.
func (q *Queue) request(p *parcel) *wire.PushRequest {
	return &wire.PushRequest{Agent: q.config.Agent, Boot: q.config.Boot, Sequence: p.sequence, Batch: wire.Encode(p.batch)}
}

// deliver pushes a parcel until the server has stored or refused it.
func (q *Queue) deliver(ctx context.Context, p *parcel) error {
	sent := q.known.strip(p.batch, time.Now())
	request := q.request(p)
	if n := proto.Size(request); n > wire.MaxMessage { // parcels are kept far smaller
		err := fmt.Errorf("%w: it has %d bytes, at most %d are allowed", ErrRefused, n, wire.MaxMessage)
		q.count.droppedBatch(p.batch, err)
		return err
	}
	err := q.until(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, pushTimeout)
		defer cancel()
		answer, err := q.client.Push(ctx, request)
		if err == nil {
			p.rejections = answer.GetRejections()
			q.leftOut(answer)
		}
		return err
	})
	if err != nil {
		if errors.Is(err, ErrRefused) {
			q.config.Log.Error("batch refused", "spans", p.batch.Len(), "error", err)
		}
		q.count.droppedBatch(p.batch, err)
		return err
	}
	q.count.outBatch(p.batch)
	q.known.add(sent, time.Now())
	return nil
}

// until sends again and again until the server has answered for good: nil, ErrRefused, or ErrClosed
// when ctx ends before.
func (q *Queue) until(ctx context.Context, send func(context.Context) error) error {
	for delay := firstDelay; ; delay = min(2*delay, lastDelay) {
		err := send(ctx)
		switch {
		case err == nil:
			q.up()
			return nil
		case status.Code(err) == codes.InvalidArgument:
			q.up()
			return fmt.Errorf("%w: %s", ErrRefused, status.Convert(err).Message())
		case ctx.Err() != nil:
			return ErrClosed
		}
		if q.downSince.CompareAndSwap(0, time.Now().UnixNano()) {
			q.config.Log.Warn("the server does not take spans; they are kept and sent again", "server", q.config.Server, "error", err)
		}
		q.count.retries.Add(1)
		// Jitter, so that the agents of a cluster do not come back in step.
		select {
		case <-time.After(delay/2 + rand.N(delay)):
		case <-ctx.Done():
		}
	}
}

// leftOut counts what the server took of a push but for that.
func (q *Queue) leftOut(answer *wire.PushResponse) {
	if n := answer.GetRejected(); n > 0 {
		q.count.rejected.Add(n)
		q.config.Log.Warn("the server left out spans", "spans", n, "reason", answer.GetMessage())
	}
}

func (q *Queue) up() {
	if since := q.downSince.Swap(0); since != 0 {
		q.config.Log.Info("the server takes spans again", "server", q.config.Server, "down", time.Since(time.Unix(0, since)).Round(time.Millisecond))
	}
}
