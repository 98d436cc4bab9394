package otlp

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/link"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Config says where received spans go.
type Config struct {
	Agent, Node string // filled into every span; Node where its resource names no other
	// Here reports whether an address is of the node or of a pod on it, Aliases are further
	// names of the node; see otlp.Resources.
	Here    func(netip.Addr) bool
	Aliases []string
	Ledger  *ledger.Ledger

	// Store takes a copy of a batch and returns when it is durably stored, but for what was left
	// out. Its errors are those of export.Queue.Send.
	Store func(context.Context, *span.Batch) (export.LeftOut, error)
	// Root is told of every SERVER span without a parent; nil: nobody wants to know.
	Root func(link.Root)

	MaxBody   int   // bytes of a request, decompressed; 0: 32 MiB
	MaxMemory int64 // bytes of all requests being read; 0: 256 MiB
}

// Receiver takes OTLP requests, whatever way they come. It is safe for concurrent use.
type Receiver struct {
	config    Config
	resources otlp.Resources
	decoders  sync.Pool
	memory    atomic.Int64 // bytes of the requests being read
	count     counters

	unanswered unanswered
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
	r := &Receiver{
		config: c, resources: otlp.Resources{Here: c.Here, Aliases: c.Aliases},
		count: counters{
			in: line("in"), out: line("out"), invalid: line("rejected: invalid span"), returned: line("returned to the sender"), requests: line("requests"),
			malformed: line("requests refused: malformed"), tooLarge: line("requests refused: too large"),
			unsupported: line("requests refused: content type or encoding"), later: line("requests refused: come back later"),
			other: line("requests refused: other"),
		},
	}
	r.decoders.New = func() any { return otlp.NewDecoder(&r.resources, c.Root != nil) }
	return r
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
	if e := r.unanswered.find(body); e != nil {
		return r.again(ctx, e)
	}
	d := r.decoders.Get().(*otlp.Decoder)
	defer r.decoders.Put(d)
	d.Reset(r.config.Agent, r.config.Node, peer)
	read := d.Protobuf
	if as == formJSON {
		read = d.JSON
	}
	if err := read(body); err != nil {
		return result{}, err
	}
	rejected, why := d.Rejected()
	n := uint64(d.Batch().Len())
	r.count.in.Add(n + uint64(rejected))
	r.count.invalid.Add(uint64(rejected))
	res := result{rejected, why}
	left, err := r.config.Store(ctx, d.Batch())
	if err != nil {
		r.count.returned.Add(n) // the sender still has them
		r.remember(body, err, n, res, d.Roots())
		return result{}, err
	}
	return r.stored(n, res, left, d.Roots()), nil
}

// stored is the result of a request whose spans the server has, but for what it left out.
func (r *Receiver) stored(spans uint64, res result, left export.LeftOut, roots []otlp.Root) result {
	r.count.out.Add(spans)
	for _, root := range roots {
		r.config.Root(link.Root(root))
	}
	if left.Spans > 0 {
		res.rejected += left.Spans
		res.message = strings.TrimPrefix(res.message+"; "+left.Why, "; ")
	}
	return res
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
