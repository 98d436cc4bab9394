package otlp

import (
	"cmp"
	"context"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/throughline-io/throughline/agent/export"
	"github.com/throughline-io/throughline/agent/ledger"
	"github.com/throughline-io/throughline/agent/link"
	"github.com/throughline-io/throughline/agent/skywalking"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// Config says where received spans go.
type Config struct {
	Agent, Node string // filled into every span; Node where its resource names no other
	// Here reports whether an address is of the node or of a pod on it, Aliases are further
	// names of the node; see otlp.Resources.
	Here    func(netip.Addr) bool
	Pod     func(id string) netip.Addr // of a container's id or a pod's uid; see otlp.Resources
	Aliases []string
	Ledger  *ledger.Ledger

	// Store takes a copy of a batch, whose delivery says when it is durably stored, but for what was
	// left out. Its errors are those of export.Queue.Put.
	// A request that came before is recognised by its key, where Keyed says so.
	Store func(*span.Batch, export.Key) (Delivery, error)
	Keyed bool
	// Root is told of every SERVER span without a parent; nil: nobody wants to know.
	Root func(link.Root)

	MaxMemory int64 // bytes of all requests under way; 0: 128 MiB
	MaxBody   int   // bytes of a request, decompressed; 0: 32 MiB, and at most a quarter of MaxMemory

	Token string // senders must show it as "Authorization: Bearer TOKEN"; "": nothing

	// Origins are the web pages whose scripts may send from a browser, such as
	// "https://shop.example"; "*": all. None: none.
	Origins []string
}

// Delivery is a batch on its way.
type Delivery interface {
	// Wait returns when the batch is durably stored, but for what was left out. Its errors are those
	// of export.Delivery.Wait.
	Wait(context.Context) (export.LeftOut, error)
}

// Receiver takes OTLP requests, whatever way they come. It is safe for concurrent use.
type Receiver struct {
	config    Config
	resources otlp.Resources
	decoders  sync.Pool
	room      *room
	reading   chan struct{} // who reads a message's spans
	count     counters

	unanswered unanswered
	instances  skywalking.Instances
}

type counters struct {
	in, out, invalid, returned                               *atomic.Uint64 // spans
	attributes, events, links, repaired                      *atomic.Uint64
	requests, malformed, tooLarge, unsupported, later, other *atomic.Uint64 // requests
	notKept                                                  func(what string) *atomic.Uint64
}

// leftOut counts what a request lost, and its spans stay.
func (c *counters) leftOut(d *otlp.Decoder) {
	attributes, events, links, repaired := d.LeftOut()
	c.attributes.Add(attributes)
	c.events.Add(events)
	c.links.Add(links)
	c.repaired.Add(repaired)
}

// defaultMemory is Config.MaxMemory, in bytes.
const defaultMemory = 128 << 20

// New makes a receiver.
func New(c Config) *Receiver {
	c.MaxMemory = cmp.Or(c.MaxMemory, defaultMemory)
	c.MaxBody = cmp.Or(c.MaxBody, int(min(32<<20, c.MaxMemory/4)))
	line := func(what string) *atomic.Uint64 { return c.Ledger.Counter("otlp", "APP", what) }
	r := &Receiver{
		config: c, resources: otlp.Resources{Here: c.Here, Pod: c.Pod, Aliases: c.Aliases},
		room: newRoom(c.MaxMemory), reading: make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		count: counters{
			attributes: line("attributes left out: too many or too long"), events: line("events left out: too many or too long"),
			links: line("links left out: too many or too long"), repaired: line("texts that are not UTF-8"),
			in: line("in"), out: line("out"), invalid: line("rejected: invalid span"), returned: line("returned to the sender"), requests: line("requests"),
			malformed: line("requests refused: malformed"), tooLarge: line("requests refused: too large"),
			unsupported: line("requests refused: content type or encoding"), later: line("requests refused: come back later"),
			other: line("requests refused: other"), notKept: func(what string) *atomic.Uint64 { return line("requests not kept: SkyWalking's " + what) },
		},
	}
	r.decoders.New = func() any { return otlp.NewDecoder(&r.resources, c.Root != nil) }
	return r
}

// result is what an accepted request is answered with.
type result struct {
	rejected int64
	message  string
}

// take reads a message and returns when its spans are stored.
func (r *Receiver) take(ctx context.Context, m *message) (result, error) {
	r.count.requests.Add(1)
	p, err := r.pass(ctx, m)
	if err != nil {
		return result{}, err
	}
	return r.wait(ctx, m, p)
}

// wait returns when a message's spans are stored.
func (r *Receiver) wait(ctx context.Context, m *message, p *passed) (result, error) {
	left, err := p.delivery.Wait(ctx)
	if err != nil {
		r.count.returned.Add(p.spans) // the sender still has them
		r.remember(m, p, err)
		return result{}, err
	}
	return r.stored(p, left), nil
}

// passed is a request whose spans are on the way to the server.
type passed struct {
	spans    uint64 // without those that were invalid
	res      result // of the decoder
	roots    []otlp.Root
	delivery Delivery
}

// pass reads a message's spans and passes them on. As many are read at once as there are processors to
// do it: more would only take memory.
func (r *Receiver) pass(ctx context.Context, m *message) (*passed, error) {
	if p := r.unanswered.find(*m.body); p != nil {
		r.count.in.Add(p.spans)
		return p, nil
	}
	select {
	case r.reading <- struct{}{}:
		defer func() { <-r.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	body, done, err := r.decompressed(m)
	defer done()
	if err != nil {
		return nil, err
	}
	d := r.decoders.Get().(*otlp.Decoder)
	defer func() {
		if d.Size() < keepBytes {
			r.decoders.Put(d)
		}
	}()
	d.Reset(r.config.Agent, r.config.Node, m.from)
	d.Ask(func(n int) error { return m.hold.grow(int64(n)) })
	if err := r.read(d, m, body); err != nil {
		return nil, err
	}
	p := &passed{spans: uint64(d.Batch().Len())}
	var why string
	p.res.rejected, why = d.Rejected()
	p.res.message = join(why, d.Warning())
	r.count.in.Add(p.spans + uint64(p.res.rejected))
	r.count.invalid.Add(uint64(p.res.rejected))
	r.count.leftOut(d)
	var key export.Key
	if r.config.Keyed {
		key = export.KeyOf(*m.body)
	}
	p.delivery, err = r.config.Store(d.Batch(), key)
	if err != nil {
		r.count.returned.Add(p.spans)
		return nil, err
	}
	p.roots = slices.Clone(d.Roots())
	return p, nil
}

// join puts two texts after one another; either may be "".
func join(a, b string) string { return strings.Trim(a+"; "+b, "; ") }

// stored is the result of a request whose spans the server has, but for what it left out.
func (r *Receiver) stored(p *passed, left export.LeftOut) result {
	r.count.out.Add(p.spans)
	for _, root := range p.roots {
		r.config.Root(link.Root(root))
	}
	res := p.res
	if left.Spans > 0 {
		res.rejected += left.Spans
		res.message = join(res.message, left.Why)
	}
	return res
}
