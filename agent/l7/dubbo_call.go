package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/agent/tracecontext"
)

// What the body of an answer begins with, as hessian2 writes small numbers.
const (
	dubboThrew         = 0x90 // the method threw, without and with attachments
	dubboThrewAttached = 0x93
)

// dubboCall is what a request says of itself.
type dubboCall struct {
	service, method, version string // the protocol's version
	resource                 string // service/method
}

// dubboCalls are those that a connection had last.
type dubboCalls struct {
	list [16]dubboCall
	next int
}

// kept is about how many bytes of memory they take.
func (k *dubboCalls) kept() (n int) {
	for i := range k.list {
		n += 2*len(k.list[i].resource) + len(k.list[i].version)
	}
	return n
}

const dubboName = 512 // bytes of a service's or method's name that are kept

// read reads a request: the protocol's version, the service, its version, the method; and among the attachments behind the
// arguments the trace context.
func (k *dubboCalls) read(body []byte, f *Fields) {
	version, rest, _ := hessianText(body)
	service, rest, _ := hessianText(rest)
	_, rest, _ = hessianText(rest)
	method, rest, ok := hessianText(rest)
	if !ok {
		return
	}
	c := k.call(version[:min(len(version), 32)], service[:min(len(service), dubboName)], method[:min(len(method), dubboName)])
	f.Version, f.Type, f.Resource, f.Endpoint = c.version, c.method, c.resource, c.resource
	var context tracecontext.Reader
	readDubboAttachments(rest, &context)
	f.takeContext(&context)
}

func (k *dubboCalls) call(version, service, method []byte) *dubboCall {
	for i := range k.list {
		if c := &k.list[i]; c.resource != "" && c.method == string(method) && c.service == string(service) && c.version == string(version) {
			return c
		}
	}
	c := &k.list[k.next]
	k.next = (k.next + 1) % len(k.list)
	*c = dubboCall{service: string(service), method: string(method), version: string(version), resource: string(service) + "/" + string(method)}
	return c
}

// dubboAttachments is what the map of attachments begins with: a map of no class, whose first key it is in most versions.
var dubboAttachments = []byte("H\x04path")

// dubboContexts are attachments that hold a context, where the map's beginning is not told from the arguments.
var dubboContexts = [...][]byte{[]byte("\x0btraceparent"), []byte("\x03sw8"), []byte("\x02b3")}

// readDubboAttachments reads the attachments, as far as they are texts.
func readDubboAttachments(data []byte, context *tracecontext.Reader) {
	if at := bytes.LastIndex(data, dubboAttachments); at >= 0 {
		for rest := data[at+1:]; len(rest) > 0; {
			name, behind, ok := hessianText(rest)
			if !ok {
				break
			}
			value, behind, ok := hessianText(behind)
			if !ok {
				break
			}
			context.Field(name, value)
			rest = behind
		}
		return
	}
	for _, name := range dubboContexts {
		if at := bytes.LastIndex(data, name); at >= 0 {
			if value, _, ok := hessianText(data[at+len(name):]); ok {
				context.Field(name[1:], value)
			}
		}
	}
}

// hessianText cuts a text off data: of hessian 2 one in a piece, of which the length is that of UTF-16 (hessian.caucho.com/doc,
// 4.11). false: it is none, or not all there.
func hessianText(data []byte) (text, rest []byte, ok bool) {
	if len(data) == 0 {
		return nil, nil, false
	}
	n, head := 0, 1
	switch c := data[0]; {
	case c <= 0x1f:
		n = int(c)
	case c >= 0x30 && c <= 0x33 && len(data) >= 2:
		n, head = int(c-0x30)<<8|int(data[1]), 2
	case c == 'S' && len(data) >= 3:
		n, head = int(data[1])<<8|int(data[2]), 3
	default:
		return nil, nil, false
	}
	at := head
	for ; n > 0 && at < len(data); n-- {
		switch c := data[at]; {
		case c < 0x80:
			at++
		case c < 0xe0:
			at += 2
		default: // halves of a pair are written as characters of their own
			at += 3
		}
	}
	if n > 0 || at > len(data) {
		return nil, nil, false
	}
	return data[head:at], data[at:], true
}

// hessianClass is the name of the class that an object's definition begins with; nil: it is of one before, or no object.
func hessianClass(data []byte) []byte {
	if len(data) == 0 || data[0] != 'C' {
		return nil
	}
	name, _, _ := hessianText(data[1:])
	return name
}
