package otlp

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/link"
	"github.com/throughline-io/throughline/pkg/span"
)

// Config says where received spans go.
type Config struct {
	Agent, Node string // filled into every span
	Ledger      *ledger.Ledger

	// Store takes a copy of a batch and returns when it is durably stored. Its errors are
	// those of export.Queue.Send.
	Store func(context.Context, *span.Batch) error
	// Root is told of every SERVER span without a parent; nil: nobody wants to know.
	Root func(link.Root)

	MaxBody   int   // bytes of a request, decompressed; 0: 32 MiB
	MaxMemory int64 // bytes of all requests being read; 0: 256 MiB
}

// Receiver takes OTLP requests, whatever way they come. It is safe for concurrent use.
type Receiver struct {
	config    Config
	resources resources
	decoders  sync.Pool
	memory    atomic.Int64 // bytes of the requests being read
	count     counters
}

type counters struct {
	in, out, invalid, returned                               *atomic.Uint64 // spans
	requests, malformed, tooLarge, unsupported, later, other *atomic.Uint64 // requests
}

// New makes a receiver.
func New(c Config) *Receiver {
	if c.MaxBody == 0 {
		c.MaxBody = 32 << 20
	}
	if c.MaxMemory == 0 {
		c.MaxMemory = 256 << 20
	}
	line := func(what string) *atomic.Uint64 { return c.Ledger.Counter("otlp", "APP", what) }
	return &Receiver{
		config:   c,
		decoders: sync.Pool{New: func() any { return &decoder{batch: new(span.Batch)} }},
		count: counters{
			in: line("in"), out: line("out"), invalid: line("rejected: invalid span"), returned: line("returned to the sender"), requests: line("requests"),
			malformed: line("requests refused: malformed"), tooLarge: line("requests refused: too large"),
			unsupported: line("requests refused: content type or encoding"), later: line("requests refused: come back later"),
			other: line("requests refused: other"),
		},
	}
}

// form is how a request's message is written.
type form uint8

const (
	formProtobuf form = iota
	formJSON
)

// result is what an accepted request is answered with.
type result struct {
	rejected int64
	message  string
}

// take reads a request's message and returns when its spans are stored.
func (r *Receiver) take(ctx context.Context, body []byte, as form, peer netip.Addr) (result, error) {
	r.count.requests.Add(1)
	d := r.decoders.Get().(*decoder)
	defer r.decoders.Put(d)
	d.resources, d.onRoot = &r.resources, r.config.Root != nil
	d.reset(r.config.Agent, r.config.Node, peer)
	read := d.protobuf
	if as == formJSON {
		read = d.json
	}
	if err := read(body); err != nil {
		return result{}, err
	}
	n := uint64(d.batch.Len())
	r.count.in.Add(n + uint64(d.rejected))
	r.count.invalid.Add(uint64(d.rejected))
	if err := r.config.Store(ctx, d.batch); err != nil {
		r.count.returned.Add(n) // the sender still has them
		return result{}, err
	}
	r.count.out.Add(n)
	for _, root := range d.roots {
		r.config.Root(root)
	}
	return result{d.rejected, d.rejection()}, nil
}

// reserve asks for memory for a request's body.
func (r *Receiver) reserve(n int64) error {
	if r.memory.Add(n) > r.config.MaxMemory {
		r.memory.Add(-n)
		return errBusy
	}
	return nil
}

func (r *Receiver) release(n int64) { r.memory.Add(-n) }
