package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// What only a span's details show is packed into one column: a read costs more for each column that
// it opens than for what is in it (docs/adr/0011-columns-packed.md). One value follows the other: of a number
// the count of its bytes, and these, the lowest first; of a text its length as such a number, and
// its bytes. Zeros at the end are left out, so that a new field goes there.

// details are a span's, in the order in which they are stored.
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
var packedDetails = []struct {
	name string
	text bool
}{
	{"attribute_types", true}, {"agent", true}, {"pod_ip", true}, {"response_start", false}, {"request_end", false}, {"version", true}, {"links", true}, {"otlp_rest", true},
	{"request_size", false}, {"response_size", false}, {"transport", false}, {"flow", false}, {"retransmissions", false}, {"tunnel", true}, {"interface_type", true},
	{"tls", false}, {"pid", false}, {"tid", false}, {"goroutine", false}, {"passage", false},
	{"syscall_trace_id_request", false}, {"syscall_trace_id_response", false}, {"capture_seq", false},
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

// packing writes a span's details.
type packing struct {
	buf []byte
	end int // after the last value that is not zero
}

func (p *packing) number(v uint64) {
	if v == 0 {
		p.buf = append(p.buf, 0)
		return
	}
	n := (bits.Len64(v) + 7) / 8
	p.buf = append(p.buf, byte(n))
	for range n {
		p.buf = append(p.buf, byte(v))
		v >>= 8
	}
	p.end = len(p.buf)
}

func packText[T string | []byte](p *packing, v T) {
	p.number(uint64(len(v)))
	if len(v) > 0 {
		p.buf = append(p.buf, v...)
		p.end = len(p.buf)
	}
}

// details writes the column of a batch.
func (b *block) details(batch *span.Batch, table []string) {
	b.header("details", "String")
	p := &b.packing
	types := batch.Attributes.Types.Bytes()
	links, pairs := 0, uint64(0)
	for i := range batch.Len() {
		p.buf, p.end = p.buf[:0], 0
		packText(p, types[pairs:batch.Attributes.Ends[i]])
		pairs = batch.Attributes.Ends[i]
		packText(p, table[batch.Agent[i]])
		if ip := &batch.PodIP[i]; *ip == [16]byte{} {
			p.number(0)
		} else {
			packText(p, ip[:])
		}
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
		b.buf = binary.AppendUvarint(b.buf, uint64(p.end))
		b.buf = append(b.buf, p.buf[:p.end]...)
	}
}

// unpacking reads a span's details.
type unpacking struct {
	left string
	err  error
}

var errDetails = errors.New("the details of a span are damaged")

func (u *unpacking) take(n uint64) (taken string) {
	if n > uint64(len(u.left)) {
		u.err, u.left = errDetails, ""
		return ""
	}
	taken, u.left = u.left[:n], u.left[n:]
	return taken
}

func (u *unpacking) number() (v uint64) {
	if u.left == "" {
		return 0
	}
	n := uint64(u.take(1)[0])
	if n > 8 {
		u.err, u.left = errDetails, ""
	}
	bytes := u.take(n)
	for i := len(bytes) - 1; i >= 0; i-- {
		v = v<<8 | uint64(bytes[i])
	}
	return v
}

func (u *unpacking) text() string { return u.take(u.number()) }

func (d *details) unpack(packed string) error {
	u := unpacking{left: packed}
	d.types, d.agent = u.text(), u.text()
	d.podIP = [16]byte{}
	copy(d.podIP[:], u.text())
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

// detailRows are the rows of the column.
type detailRows struct {
	texts
	rows []details
}

func (c *detailRows) decode(a *answer, rows int) error {
	if err := c.texts.decode(a, rows); err != nil {
		return err
	}
	if cap(c.rows) < rows {
		c.rows = make([]details, rows)
	}
	c.rows = c.rows[:rows]
	for i, packed := range c.texts.rows {
		if err := c.rows[i].unpack(packed); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (c *detailRows) at(i int) *details { return &c.rows[i] }

// DetailsOfColumns is the column as an expression on the columns that it was before.
func (schema) DetailsOfColumns() string {
	number := func(v string) string {
		bytes := "reinterpretAsString(" + v + ")"
		return "char(length(" + bytes + ")), " + bytes
	}
	var all []string
	for _, d := range packedDetails {
		text := "toString(" + d.name + ")"
		switch {
		case d.name == "pod_ip":
			text = "if(pod_ip = toIPv6('::'), '', reinterpretAsString(pod_ip))"
			fallthrough
		case d.text:
			all = append(all, number("length("+text+")"), text)
		default:
			all = append(all, number(d.name))
		}
	}
	return "concat(" + strings.Join(all, ", ") + ")"
}

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
