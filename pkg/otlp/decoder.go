package otlp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Root is a SERVER span without a parent.
type Root struct {
	TraceID span.TraceID
	Pod     netip.Addr     // whose code it is; invalid: not known
	Client  netip.AddrPort // the peer it names
	Start   int64          // Unix ns

	// Method, Target (path and query) and Code are HTTP's, as far as the span says them.
	Method, Target string
	Code           int32
}

// Decoder turns the bytes of a request into rows. It is used for one request at a time
// and keeps its memory.
type Decoder struct {
	batch     *span.Batch
	resources *Resources
	peer      netip.Addr
	onRoot    bool // somebody wants the roots
	most      int  // spans; what lies beyond is refused, or of a file left out
	file      bool // see NewFileDecoder
	beyond    int

	agent, node                      span.Ref // node: of the resource
	reader                           string   // the reader's node
	resource                         resource
	service, scopeName, scopeVersion span.Ref
	row                              row
	roles                            []role // by reference of the key
	scratch                          []byte
	sent                             map[uint64]bool // ids of resources that are in the batch
	unsent                           *resource       // of the rows that follow, not yet in it
	addrs                            map[string]netip.Addr

	rests         []rest // of the rows
	scopes        []sentScope
	sentResources []sentResource
	referred      struct{ scopes, resources int } // how many of these have a row
	kept          []byte                          // JSON of scopes' attributes

	roots    []Root
	rejected int64
	reasons  []string // the first few
	cut      cuts     // what the limits left out
	repaired uint64   // strings that were not UTF-8

	room                 func(bytes int) error // see Ask
	asked, resourcesSize int

	// Of JSON.
	scan          scanner
	nested, pairs []byte // texts that are being built
	pairsCount    int
	pairsCut      uint32 // of the pairs, left out
	value         value  // of the attribute that is being read
}

// NewDecoder makes a decoder. Several may share what they know of resources. roots says
// that somebody wants the roots.
func NewDecoder(known *Resources, roots bool) *Decoder {
	return &Decoder{batch: new(span.Batch), resources: known, onRoot: roots, most: MaxSpans}
}

// Reset prepares for a request that comes from peer and is read by an agent on a node. The
// spans are of that node, unless their resource says that they come from another one.
func (d *Decoder) Reset(agent, node string, peer netip.Addr) {
	d.batch.Reset()
	d.peer = peer.Unmap()
	d.agent, d.node = d.batch.Strings.Ref(agent), d.batch.Strings.Ref(node)
	d.reader = node
	d.roles = d.roles[:0]
	d.roots, d.rejected, d.reasons = d.roots[:0], 0, nil
	d.beyond = 0
	clear(d.sent)
	d.cut, d.repaired, d.asked, d.resourcesSize, d.room = cuts{}, 0, 0, 0, nil
	d.resetRests()
	clear(d.row.values[:]) // it refers to the request before
}

// Batch is what was read; it is valid until the next Reset.
func (d *Decoder) Batch() *span.Batch { return d.batch }

// Roots are the spans of the batch that are SERVER spans without a parent and name their peer.
func (d *Decoder) Roots() []Root { return d.roots }

// Rejected is how many spans were left out as invalid, and the message of a partial success.
func (d *Decoder) Rejected() (count int64, why string) { return d.rejected, d.rejection() }

// Protobuf reads an ExportTraceServiceRequest, or a TracesData, whose encoding is the same.
func (d *Decoder) Protobuf(body []byte) error {
	if err := d.walk(body); err != nil {
		d.batch.Truncate(0)
		return err
	}
	return d.pad()
}

// enter sets the resource of the rows that follow.
func (d *Decoder) enter(r *resource) {
	d.resource = d.resources.sent(r, d.peer, d.reader)
	d.of().dropped, d.of().entities = r.dropped, r.entities
	d.service = d.batch.Strings.Ref(r.service)
	d.node = d.batch.Strings.Ref(d.resources.node(&d.resource, d.reader))
	if d.unsent = nil; r.id != 0 {
		d.unsent = r
	}
}

// MaxSpans of a request: a batch has to fit into one message to the server.
const MaxSpans = 100_000

// ErrTooMany says that a request has more spans.
var ErrTooMany = fmt.Errorf("the request has more than %d spans: send smaller batches", MaxSpans)

const maxReasons = 3

// reject leaves out the row and keeps the reason for the answer.
func (d *Decoder) reject(why string) {
	d.dropRow()
	d.rejected++
	if len(d.reasons) < maxReasons && !slices.Contains(d.reasons, why) {
		d.reasons = append(d.reasons, why)
	}
}

// Warning is what was changed of spans that were taken; "" for nothing.
func (d *Decoder) Warning() string {
	var list []string
	for _, of := range []struct {
		n    uint64
		what string
	}{{d.cut.attributes, "attributes"}, {d.cut.events, "events"}, {d.cut.links, "links"}} {
		if of.n > 0 {
			list = append(list, fmt.Sprintf("%d %s were left out, for a span may have %d of each and %d KiB", of.n, of.what, maxAttributes, maxText>>10))
		}
	}
	if d.repaired > 0 {
		list = append(list, fmt.Sprintf("%d texts were not UTF-8: such bytes are shown as U+FFFD", d.repaired))
	}
	return strings.Join(list, "; ")
}

// LeftOut is how many attributes, events and links the limits left out of spans that were taken,
// and how many texts were not UTF-8.
func (d *Decoder) LeftOut() (attributes, events, links, repaired uint64) {
	return d.cut.attributes, d.cut.events, d.cut.links, d.repaired
}

func (d *Decoder) rejection() string {
	if d.rejected == 0 {
		return ""
	}
	what := "invalid spans were"
	if d.rejected == 1 {
		what = "invalid span was"
	}
	return fmt.Sprintf("%d %s left out: %q", d.rejected, what, d.reasons)
}

// pad fills, in one step, the columns that no APP span has.
func (d *Decoder) pad() error {
	if err := d.writeRests(); err != nil {
		d.batch.Truncate(0)
		return err
	}
	b, n := d.batch, d.batch.Len()
	b.ResponseStart.SetZero(n)
	b.RequestEnd.SetZero(n)
	b.Retransmissions.SetZero(n)
	b.RequestSeq.SetZero(n)
	b.ResponseSeq.SetZero(n)
	b.Flow.SetZero(n)
	b.Goroutine.SetZero(n)
	b.Passage.SetZero(n)
	b.PassageRule.SetZero(n)
	b.SyscallReq.SetZero(n)
	b.SyscallResp.SetZero(n)
	b.CaptureSeq.SetZero(n)
	b.Entity.SetZero(n)
	b.ClientEntity.SetZero(n)
	b.ServerEntity.SetZero(n)
	for _, c := range []*span.Symbols{&b.Tunnel, &b.Interface, &b.InterfaceType, &b.Comm} {
		(*span.Fixed[span.Ref])(c).SetZero(n)
	}
	for range n {
		b.RequestID.Add(nil)
		b.XResponseID.Add(nil)
	}
	return nil
}
