package l7

import (
	"hash/maphash"
	"strconv"

	"github.com/throughline-io/throughline/agent/redact"
	"github.com/throughline-io/throughline/agent/tracecontext"
)

// http2Head is what is read of a header block, of a request, an answer or trailers. Its slices are good until the
// next block of that side; nil is what was not there, or is not known.
type http2Head struct {
	method, scheme, path, authority []byte
	status, contentType, requestID  []byte
	timeout                         []byte
	grpcStatus, grpcMessage         []byte
	exception                       []byte
	protocol, subprotocol           []byte
	context                         tracecontext.Reader
	pseudo                          bool // fields of a request's beginning are there
}

// take takes a field.
func (h *http2Head) take(f hpackField) {
	switch f.name {
	case nameMethod, nameScheme, namePath, nameAuthority:
		h.pseudo = true
	}
	if f.value == nil {
		return
	}
	switch f.name {
	case nameUnknown:
		h.context.Value(f.value)
	case nameContext:
		h.context.Field(f.context, f.value)
	case nameTraceBin:
		h.context.Binary(f.value)
	case nameMethod:
		h.method = f.value
	case nameScheme:
		h.scheme = f.value
	case namePath:
		h.path = f.value
	case nameAuthority:
		h.authority = f.value
	case nameHost:
		if h.authority == nil {
			h.authority = f.value
		}
	case nameStatus:
		h.status = f.value
	case nameContentType:
		h.contentType = f.value
	case nameRequestID:
		h.requestID = f.value
	case nameTimeout:
		h.timeout = f.value
	case nameGRPCStatus:
		h.grpcStatus = f.value
	case nameGRPCMessage:
		h.grpcMessage = f.value
	case nameException:
		h.exception = f.value
	case nameProtocol:
		h.protocol = f.value
	case nameSubprotocol:
		h.subprotocol = f.value
	}
}

// code is the status of an answer; 0: it is not known.
func (h *http2Head) code() int32 {
	if len(h.status) != 3 {
		return 0
	}
	n, err := strconv.ParseUint(string(h.status), 10, 16)
	if err != nil || n < 100 {
		return 0
	}
	return int32(n)
}

// fill says in a request what its header says.
func (h *http2Head) fill(f *Fields, known *http2Texts) {
	f.Protocol, f.Version = HTTP.Name, "2"
	if h.method != nil {
		f.Type = methodName(h.method)
	}
	if h.authority != nil {
		if f.Domain = textOf(h.authority); redact.Authority(f.Domain) != f.Domain {
			f.Expect |= httpSecrets
		}
	}
	if h.path != nil {
		path := known.of(h.path)
		f.Resource, f.Endpoint = path.text, path.endpoint()
		if path.secret {
			f.Expect |= httpSecrets
		}
	}
	if h.requestID != nil {
		f.XRequestID = string(h.requestID)
	}
	f.takeContext(&h.context)
}

// http2Texts are the paths of late, which come again and again.
type http2Texts [16]http2Text

type http2Text struct {
	text   string
	route  string
	routed bool
	secret bool
}

var http2TextSeed = maphash.MakeSeed()

func (list *http2Texts) of(b []byte) *http2Text {
	t := &list[maphash.Bytes(http2TextSeed, b)%uint64(len(list))]
	if t.text != string(b) {
		text := string(b)
		*t = http2Text{text: text, secret: redact.URL(text) != text}
	}
	return t
}

func (t *http2Text) endpoint() string {
	if !t.routed {
		t.route, t.routed = Endpoint(t.text), true
	}
	return t.route
}

// keeps is about how many bytes of memory they take.
func (list *http2Texts) keeps() (n int) {
	for i := range list {
		n += len(list[i].text) + len(list[i].route)
	}
	return n
}
