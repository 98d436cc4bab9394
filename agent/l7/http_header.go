package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/agent/tracecontext"
)

// httpHeader is what is read of a header; slices point into it.
type httpHeader struct {
	httpFacts
	host    []byte
	context tracecontext.Reader
}

// httpFacts are what framing and pairing need of a header.
type httpFacts struct {
	hasLength, chunked bool
	h2c                bool // it goes on in HTTP/2
	websocket          bool // it goes on so
	subprotocol        []byte
	length             uint64
	code               int32
	reason, xRequestID []byte
}

// headerEnd is the length of the header at the start of data, and whether its empty line
// is there; scanned keeps repeated calls with a growing header linear.
func headerEnd(data []byte, scanned *int) (int, bool) {
	from := min(*scanned, len(data))
	for {
		i := bytes.IndexByte(data[from:], '\n')
		if i < 0 {
			break
		}
		at := from + i // a line end; the header ends where an empty line follows
		rest := data[at+1:]
		if len(rest) > 0 && rest[0] == '\n' {
			return at + 2, true
		}
		if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return at + 3, true
		}
		if len(rest) < 2 {
			*scanned = at
			return len(data), false
		}
		from = at + 1
	}
	*scanned = len(data)
	return len(data), false
}

// parseRequestHead reads a request's header into f. If it is not whole, its last line may
// be cut off and is not believed, unless it is the first.
func parseRequestHead(data []byte, whole bool, f *Fields) (h httpHeader, ok bool) {
	line, rest, lineWhole := cutLine(data)
	method, line, found := bytes.Cut(line, []byte(" "))
	if !found || len(line) == 0 || !isTargetByte(line[0]) {
		return h, false
	}
	target, version, _ := bytes.Cut(line, []byte(" "))
	switch {
	case lineWhole && !bytes.HasPrefix(version, []byte(httpVersionPrefix)): // HTTP/2's preface, or not HTTP at all
		return h, false
	case !lineWhole && line[0] != '/' && matchRequestLine(data) != MatchRequest: // nothing but a word and another
		return h, false
	}
	h.fields(rest, whole)
	return h, fillRequest(f, method, target, version, &h)
}

func fillRequest(f *Fields, method, target, version []byte, h *httpHeader) bool {
	f.Protocol = HTTP.Name
	f.Type = methodName(method)
	f.Version = versionName(version)
	f.Resource, f.Domain = targetOf(target)
	if len(h.host) > 0 {
		f.Domain = textOf(h.host)
	}
	f.Endpoint = Endpoint(f.Resource)
	if h.xRequestID != nil {
		f.XRequestID = string(h.xRequestID)
	}
	f.takeContext(&h.context)
	if redact.URL(f.Resource) != f.Resource || redact.Authority(f.Domain) != f.Domain {
		f.Expect |= httpSecrets
	}
	if asksGraphQL(f.Endpoint) {
		f.Expect |= httpGraphQL
	}
	return f.Type != ""
}

// parseResponseHead reads a response's header.
func parseResponseHead(data []byte, whole bool) (h httpHeader, ok bool) {
	line, rest, _ := cutLine(data)
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte(httpVersionPrefix)) || line[8] != ' ' {
		return h, false
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return h, false
		}
		h.code = h.code*10 + int32(c-'0')
	}
	if len(line) > 13 {
		h.reason = line[13:]
	}
	h.fields(rest, whole)
	return h, true
}

// cutLine is the first line without its end, and what follows.
func cutLine(data []byte) (line, rest []byte, whole bool) {
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return data, nil, false
	}
	line = data[:i]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, data[i+1:], true
}

// fields reads the header fields that matter.
func (h *httpHeader) fields(data []byte, whole bool) {
	for len(data) > 0 {
		line, rest, lineWhole := cutLine(data)
		data = rest
		if !lineWhole && !whole || len(line) == 0 {
			return
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			continue
		}
		name, value := line[:colon], trimBlanks(line[colon+1:])
		switch len(name) {
		case len("upgrade"):
			if foldEqual(name, "upgrade") {
				h.h2c = h.h2c || string(value) == "h2c"
				h.websocket = h.websocket || len(value) == len("websocket") && foldEqual(value, "websocket")
			}
		case len("host"):
			if foldEqual(name, "host") {
				h.host = value
			}
		case len("x-request-id"):
			if foldEqual(name, "x-request-id") {
				h.xRequestID = value
			} else {
				h.context.Field(name, value)
			}
		case len("content-length"):
			if foldEqual(name, "content-length") {
				if n, ok := parseLength(value); ok {
					h.length, h.hasLength = n, true
				}
			} else {
				h.context.Field(name, value)
			}
		case len("transfer-encoding"):
			if foldEqual(name, "transfer-encoding") {
				h.chunked = lastTokenChunked(value)
			}
		case len("sec-websocket-protocol"):
			if foldEqual(name, "sec-websocket-protocol") {
				h.subprotocol = value
			} else {
				h.context.Field(name, value)
			}
		default:
			h.context.Field(name, value)
		}
	}
}

// trimBlanks cuts blanks and tabs off both ends.
func trimBlanks(v []byte) []byte {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}

// lastTokenChunked: a body is chunked only if that coding is the last one.
func lastTokenChunked(v []byte) bool {
	if i := bytes.LastIndexByte(v, ','); i >= 0 {
		v = trimBlanks(v[i+1:])
	}
	return len(v) == len("chunked") && foldEqual(v, "chunked")
}

// foldEqual compares a name with a lower-case one of the same length.
func foldEqual(name []byte, lower string) bool {
	for i := range len(lower) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func versionName(b []byte) string {
	switch string(b) {
	case "HTTP/1.1":
		return "1.1"
	case "HTTP/1.0":
		return "1.0"
	}
	return ""
}

// targetOf is the path with query of a request target in any of its forms, and the
// authority of an absolute one.
func targetOf(target []byte) (path, authority string) {
	if len(target) == 0 || target[0] == '/' {
		return string(target), ""
	}
	if i := bytes.Index(target, []byte("://")); i > 0 {
		host := target[i+3:]
		if j := bytes.IndexAny(host, "/?"); j >= 0 {
			return string(host[j:]), textOf(host[:j])
		}
		return "/", textOf(host)
	}
	return string(target), ""
}
