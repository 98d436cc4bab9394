package store

import "github.com/throughline-io/throughline/pkg/span"

// asked is what was asked of whom, and how that ended: a text beside the columns of the same names,
// which searches read.
type asked struct {
	serverEntity                    uint64
	serverIP                        [16]byte
	serverPort                      uint16
	kind                            span.Kind
	protocol, typ, domain, endpoint string
	status                          span.Status
	code                            int32
	statusMessage                   string
}

var askedColumns = []packedColumn{
	{"server_entity", asNumber}, {"server_ip", asAddress}, {"server_port", asNumber}, {"kind", asNumber},
	{"protocol", asText}, {"type", asText}, {"domain", asText}, {"endpoint", asText},
	{"status", asNumber}, {"code", asNumber}, {"status_message", asText},
}

// AskedOfColumns is the column as an expression on those that it repeats.
func (schema) AskedOfColumns() string { return packExpression(askedColumns) }

// asked writes the column of a batch.
func (b *block) asked(batch *span.Batch, table []string) {
	b.header("asked", "String")
	p, messages := &b.packing, 0
	for i := range batch.Len() {
		p.begin()
		p.number(batch.ServerEntity[i])
		p.address(&batch.ServerIP[i])
		p.number(uint64(batch.ServerPort[i]))
		p.number(uint64(batch.Kind[i]))
		for _, ref := range [...]span.Ref{batch.Protocol[i], batch.Type[i], batch.Domain[i], batch.Endpoint[i]} {
			packText(p, table[ref])
		}
		p.number(uint64(batch.Status[i]))
		p.number(uint64(uint32(batch.Code[i])))
		var message []byte
		message, messages = batch.StatusMessage.Next(messages)
		packText(p, message)
		b.packed()
	}
}

func (d *asked) unpack(packed string) error {
	u := unpacking{left: packed}
	d.serverEntity, d.serverIP, d.serverPort, d.kind = u.number(), u.address(), uint16(u.number()), span.Kind(u.number())
	d.protocol, d.typ, d.domain, d.endpoint = u.text(), u.text(), u.text(), u.text()
	d.status, d.code, d.statusMessage = span.Status(u.number()), int32(uint32(u.number())), u.text()
	return u.err
}
