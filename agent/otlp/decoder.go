package otlp

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/agent/link"
	"github.com/throughline-io/throughline/pkg/span"
)

// decoder turns the bytes of a request into rows. It is used for one request at a time
// and keeps its memory.
type decoder struct {
	batch     *span.Batch
	resources *resources
	peer      netip.Addr
	onRoot    bool // somebody wants the roots

	agent, node                      span.Ref
	resource                         resource
	service, scopeName, scopeVersion span.Ref
	row                              row
	roles                            []role // by reference of the key
	scratch                          []byte
	sent                             []uint64 // ids of resources that are in the batch
	addrs                            map[string]netip.Addr

	roots    []link.Root
	rejected int64
	reasons  []string // the first few

	// Of JSON.
	scan          scanner
	nested, pairs []byte // texts that are being built
	value         value  // of the attribute that is being read
}

// reset prepares for a request that comes from peer.
func (d *decoder) reset(agent, node string, peer netip.Addr) {
	d.batch.Reset()
	d.peer = peer.Unmap()
	d.agent, d.node = d.batch.Strings.Ref(agent), d.batch.Strings.Ref(node)
	d.roles = d.roles[:0]
	d.sent, d.roots, d.rejected, d.reasons = d.sent[:0], d.roots[:0], 0, nil
	clear(d.row.values[:]) // it refers to the request before
}

// protobuf reads an ExportTraceServiceRequest.
func (d *decoder) protobuf(body []byte) error {
	if err := d.walk(body); err != nil {
		d.batch.Truncate(0)
		return err
	}
	d.pad()
	return nil
}

// enter sets the resource of the rows that follow.
func (d *decoder) enter(r *resource) {
	d.resource = r.of(d.peer)
	d.service = d.batch.Strings.Ref(r.service)
	if r.id != 0 && !slices.Contains(d.sent, r.id) {
		d.sent = append(d.sent, r.id)
		d.batch.OTelResources = append(d.batch.OTelResources, r.row)
	}
}

const maxReasons = 3

// reject leaves out the row and keeps the reason for the answer.
func (d *decoder) reject(why string) {
	d.dropRow()
	d.rejected++
	if len(d.reasons) < maxReasons && !slices.Contains(d.reasons, why) {
		d.reasons = append(d.reasons, why)
	}
}

// rejection is the message of a partial success.
func (d *decoder) rejection() string {
	if d.rejected == 0 {
		return ""
	}
	return fmt.Sprintf("%d invalid spans were left out: %q", d.rejected, d.reasons)
}

// pad fills, in one step, the columns that no APP span has.
func (d *decoder) pad() {
	b, n := d.batch, d.batch.Len()
	b.ResponseStart.SetZero(n)
	b.RequestEnd.SetZero(n)
	b.Retransmissions.SetZero(n)
	b.RequestSeq.SetZero(n)
	b.ResponseSeq.SetZero(n)
	b.Flow.SetZero(n)
	b.Goroutine.SetZero(n)
	b.Passage.SetZero(n)
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
}
