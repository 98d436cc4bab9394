package l7

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"

	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

// fcgiParamReader reads the parameters of a request: pairs of a length of the name, one of the value, each of 1
// byte or 4, and both texts. Records cut them anywhere.
type fcgiParamReader struct {
	pairs   fcgiPairs
	context tracecontext.Reader

	uri, script, pathInfo, query string
	method, host, server         string
	client, clientPort, file     string
	xRequestID                   string
	size                         int    // of these texts
	said                         []byte // values of contexts
}

// fcgiPairs cuts a stream into pairs.
type fcgiPairs struct {
	kept []byte // a pair that is not complete
	skip int64  // bytes of a pair that is too long to be of interest
	lost bool   // where a pair begins is not known
}

// fcgiMaxPair is how long a pair may be to be read: what is longer is a cookie, or hostile.
const fcgiMaxPair = 4096

// lengths are of a pair that data begins with; header is 0 where data is too short.
func (*fcgiPairs) lengths(data []byte) (header int, name, value int64) {
	var of [2]int64
	for i := range of {
		switch {
		case len(data) <= header:
			return 0, 0, 0
		case data[header] < 0x80:
			of[i] = int64(data[header])
			header++
		case len(data) < header+4:
			return 0, 0, 0
		default:
			of[i] = int64(binary.BigEndian.Uint32(data[header:]) &^ (1 << 31))
			header += 4
		}
	}
	return header, of[0], of[1]
}

// read calls pair for each that is complete, with memory that is good until it returns. missing bytes behind data
// were not captured.
func (p *fcgiPairs) read(data []byte, missing int, pair func(name, value []byte)) {
	for len(data) > 0 && !p.lost {
		if p.skip > 0 {
			n := min(p.skip, int64(len(data)))
			p.skip, data = p.skip-n, data[n:]
			continue
		}
		have := data
		if len(p.kept) > 0 {
			p.kept = append(p.kept, data[:min(len(data), fcgiMaxPair+fcgiHeader)]...)
			have, p.kept = p.kept, p.kept[:len(p.kept)-min(len(data), fcgiMaxPair+fcgiHeader)]
		}
		before := len(p.kept)
		header, name, value := p.lengths(have)
		size := int64(header) + name + value
		switch {
		case header == 0: // of less than 8 bytes
			p.kept, data = append(p.kept[:0], have...), nil
		case size > fcgiMaxPair:
			p.kept, p.skip = p.kept[:0], size-int64(before)
		case size > int64(len(have)):
			p.kept, data = append(p.kept[:0], have...), nil
		default:
			pair(have[header:int64(header)+name], have[int64(header)+name:size])
			p.kept, data = p.kept[:0], data[size-int64(before):]
		}
	}
	if missing == 0 || p.lost {
		return
	}
	if len(p.kept) > 0 {
		header, name, value := p.lengths(p.kept)
		p.skip = int64(header) + name + value - int64(len(p.kept))
		p.lost = header == 0
		p.kept = p.kept[:0]
	}
	if p.skip -= int64(missing); p.skip < 0 {
		p.lost = true
	}
}

func (r *fcgiParamReader) pair(name, value []byte) {
	var to *string
	switch string(name) {
	case "REQUEST_URI":
		to = &r.uri
	case "SCRIPT_NAME":
		to = &r.script
	case "PATH_INFO":
		to = &r.pathInfo
	case "QUERY_STRING":
		to = &r.query
	case "REQUEST_METHOD":
		to = &r.method
	case "HTTP_HOST":
		to = &r.host
	case "SERVER_NAME":
		to = &r.server
	case "REMOTE_ADDR":
		to = &r.client
	case "REMOTE_PORT":
		to = &r.clientPort
	case "SCRIPT_FILENAME":
		to = &r.file
	case "HTTP_X_REQUEST_ID":
		to = &r.xRequestID
	default:
		r.header(name, value)
		return
	}
	*to = textOf(value)
	r.size += len(value)
}

// forget lets go of what was read, and keeps the room for what is read next.
func (r *fcgiParamReader) forget() {
	*r = fcgiParamReader{said: r.said[:0], pairs: fcgiPairs{kept: r.pairs.kept[:0]}}
}

// header takes a field of the HTTP request, whose name is written in CGI's way: HTTP_X_B3_TRACEID.
func (r *fcgiParamReader) header(name, value []byte) {
	field, ok := bytes.CutPrefix(name, []byte("HTTP_"))
	var of [len("x-datadog-parent-id")]byte // the longest of a trace context
	if !ok || len(field) > len(of) {
		return
	}
	for i, c := range field {
		if c == '_' {
			c = '-'
		}
		of[i] = c
	}
	if n := of[:len(field)]; r.context.Field(n, value) { // what is captured does not last
		at := len(r.said)
		r.said = append(r.said, value...)
		r.context.Field(n, r.said[at:])
	}
}

// head writes what the parameters say into a request, the first time, and says that its header is complete.
func (q *fastcgiRequest) head(f *Fields) Kind {
	if q.headed {
		return 0
	}
	q.headed = true
	if f == nil {
		return Headed
	}
	r := &q.params
	f.Type = methodName([]byte(r.method))
	if strings.HasPrefix(r.uri, "/") {
		f.Resource = r.uri // nearly always
	} else {
		f.Resource, f.Domain = targetOf([]byte(r.uri))
	}
	if f.Resource == "" {
		var room [256]byte
		path := append(append(room[:0], r.script...), r.pathInfo...)
		if r.query != "" {
			path = append(append(path, '?'), r.query...)
		}
		f.Resource = textOf(path)
	}
	switch {
	case r.host != "":
		f.Domain = r.host
	case f.Domain == "" && r.server != "_": // nginx's name for any
		f.Domain = r.server
	}
	f.Endpoint = Endpoint(f.Resource)
	f.XRequestID = r.xRequestID
	f.takeContext(&r.context)
	if port, ok := decimal(r.clientPort); !ok || port > math.MaxUint16 {
		r.clientPort = ""
	}
	f.attributes(
		span.Attribute{Key: "client.address", Value: r.client, Type: span.AttributeString},
		span.Attribute{Key: "client.port", Value: r.clientPort, Type: span.AttributeInt},
		span.Attribute{Key: "code.file.path", Value: r.file, Type: span.AttributeString},
	)
	r.forget()
	return Headed
}
