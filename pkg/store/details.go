package store

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// details are what only a span's details show, in the order in which they are packed.
type details struct {
	types, agent                             string // types has a letter for each attribute
	podIP                                    [16]byte
	responseStart, requestEnd                uint64
	version, links, rest                     string
	requestSize, responseSize                uint64
	transport                                uint8
	flow                                     uint64
	retransmissions                          uint16
	tunnel, interfaceType                    string
	tls                                      uint8
	pid, tid                                 uint32
	goroutine, passage                       uint64
	syscallRequest, syscallResponse, capture uint64
	passageRule                              uint8
}

// packedDetails are the columns that they were before, and are in a batch.
var packedDetails = []packedColumn{
	{"attribute_types", asText}, {"agent", asText}, {"pod_ip", asAddress}, {"response_start", asNumber}, {"request_end", asNumber}, {"version", asText}, {"links", asText}, {"otlp_rest", asText},
	{"request_size", asNumber}, {"response_size", asNumber}, {"transport", asNumber}, {"flow", asNumber}, {"retransmissions", asNumber}, {"tunnel", asText}, {"interface_type", asText},
	{"tls", asNumber}, {"pid", asNumber}, {"tid", asNumber}, {"goroutine", asNumber}, {"passage", asNumber},
	{"syscall_trace_id_request", asNumber}, {"syscall_trace_id_response", asNumber}, {"capture_seq", asNumber},
}

// laterDetails are columns of a batch that were none of the table: rows of before have zeros.
var laterDetails = []string{"passage_rule"}

// packed are the columns of a batch that are none of the table.
var packed = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range packedTexts {
		names[name] = true
	}
	for _, d := range packedDetails {
		names[d.name] = true
	}
	for _, name := range laterDetails {
		names[name] = true
	}
	return names
}()

// details writes the column of a batch.
func (b *block) details(batch *span.Batch, table []string) {
	b.header("details", "String")
	p := &b.packing
	types := batch.Attributes.Types.Bytes()
	links, pairs := 0, uint64(0)
	for i := range batch.Len() {
		p.begin()
		packText(p, types[pairs:batch.Attributes.Ends[i]])
		pairs = batch.Attributes.Ends[i]
		packText(p, table[batch.Agent[i]])
		p.address(&batch.PodIP[i])
		p.number(batch.ResponseStart[i])
		p.number(batch.RequestEnd[i])
		packText(p, table[batch.Version[i]])
		var link []byte
		link, links = batch.Links.Next(links)
		packText(p, link)
		packText(p, table[batch.Rest[i]])
		p.number(batch.RequestSize[i])
		p.number(batch.ResponseSize[i])
		p.number(uint64(batch.Transport[i]))
		p.number(batch.Flow[i])
		p.number(uint64(batch.Retransmissions[i]))
		packText(p, table[batch.Tunnel[i]])
		packText(p, table[batch.InterfaceType[i]])
		p.number(uint64(batch.TLS[i]))
		p.number(uint64(batch.PID[i]))
		p.number(uint64(batch.TID[i]))
		p.number(batch.Goroutine[i])
		p.number(batch.Passage[i])
		p.number(batch.SyscallReq[i])
		p.number(batch.SyscallResp[i])
		p.number(batch.CaptureSeq[i])
		p.number(uint64(batch.PassageRule[i]))
		b.packed()
	}
}

func (d *details) unpack(packed string) error {
	u := unpacking{left: packed}
	d.types, d.agent = u.text(), u.text()
	d.podIP = u.address()
	d.responseStart, d.requestEnd = u.number(), u.number()
	d.version, d.links, d.rest = u.text(), u.text(), u.text()
	d.requestSize, d.responseSize = u.number(), u.number()
	d.transport, d.flow, d.retransmissions = uint8(u.number()), u.number(), uint16(u.number())
	d.tunnel, d.interfaceType = u.text(), u.text()
	d.tls, d.pid, d.tid = uint8(u.number()), uint32(u.number()), uint32(u.number())
	d.goroutine, d.passage = u.number(), u.number()
	d.syscallRequest, d.syscallResponse, d.capture = u.number(), u.number(), u.number()
	d.passageRule = uint8(u.number())
	return u.err
}

// DetailsOfColumns is the column as an expression on the columns that it was before.
func (schema) DetailsOfColumns() string { return packExpression(packedDetails) }

// DropPacked are the changes that end the columns which are packed.
func (schema) DropPacked() string {
	var all []string
	for _, d := range packedDetails {
		all = append(all, "DROP COLUMN IF EXISTS "+d.name)
	}
	for _, name := range packedTexts {
		all = append(all, "DROP COLUMN IF EXISTS "+name)
	}
	return strings.Join(all, ", ")
}
