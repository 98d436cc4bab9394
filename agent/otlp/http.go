package otlp

import (
	"math"
	"mime"
	"net/http"
	"net/netip"
	"path"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// The paths that take spans.
const (
	PathTraces = "/v1/traces"
	PathNative = "/api/v1/otel/trace"
)

// The content types of OTLP/HTTP.
const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// ServeHTTP takes OTLP requests, over HTTP and gRPC.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if isGRPC(req) {
		r.serveGRPC(w, req)
		return
	}
	if r.allowOrigin(w.Header(), req) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	switch at := path.Clean(req.URL.Path); {
	case skyWalkingPaths[at] != "":
		r.serveSkyWalking(w, req)
		return
	case at == PathZipkin:
		r.serveZipkin(w, req)
		return
	case at == PathJaeger:
		r.serveJaeger(w, req)
		return
	}
	as, contentType, known := formOf(req.Header.Get("Content-Type"))
	res, err := r.serve(w, req, as, known)
	w.Header().Set("Content-Type", contentType)
	if err != nil {
		r.answerRefusal(w, r.refuse(err), as)
		return
	}
	body := res.protobuf()
	if as == formJSON {
		body = res.json()
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	w.Write(body) //nolint:errcheck // a sender that is gone sends again
}

// formOf reads a Content-Type. What is not known is answered in JSON, which a
// human who sent it by hand can read.
func formOf(header string) (_ form, contentType string, known bool) {
	t, _, err := mime.ParseMediaType(header)
	switch {
	case err == nil && t == typeProtobuf:
		return formProtobuf, typeProtobuf, true
	case err == nil && t == typeJSON:
		return formJSON, typeJSON, true
	}
	return formJSON, typeJSON, false
}

func (r *Receiver) serve(w http.ResponseWriter, req *http.Request, as form, known bool) (result, error) {
	encoding, encoded := encodingOf(req.Header.Get("Content-Encoding"))
	// A base URL that ends in a slash makes "//v1/traces" of clients that put the two together.
	at := path.Clean(req.URL.Path)
	switch {
	case at != PathTraces && at != PathNative:
		return result{}, &refusal{http.StatusNotFound, codes.NotFound, "nothing is received at " + strconv.Quote(req.URL.Path) + ": spans go to " + PathTraces + " or " + PathNative, 0}
	case !r.allowed(req):
		return result{}, errToken
	case req.Method != http.MethodPost:
		return result{}, &refusal{http.StatusMethodNotAllowed, codes.Unimplemented, "spans are sent by POST", 0}
	case !known:
		return result{}, unsupported("Content-Type %q is not supported: use %s or %s", req.Header.Get("Content-Type"), typeProtobuf, typeJSON)
	case !encoded:
		return result{}, unsupported("Content-Encoding %q is not supported: use gzip, zstd or none", encoding)
	case req.ContentLength > int64(r.config.MaxBody): // compressed, it is larger still
		return result{}, tooLarge(r.config.MaxBody)
	}
	m, done, err := r.message(w, req, func(m *message, req *http.Request) error {
		m.encoding, m.form = encoding, as
		return m.hold.readAll(req.Body, r.config.MaxBody, m.body)
	})
	defer done()
	if err != nil {
		return result{}, err
	}
	return r.take(req.Context(), m)
}

// message is a request's message as it was sent.
type message struct {
	body     *[]byte
	encoding string // "gzip", "zstd"; "" or "identity": none
	form     form
	from     netip.Addr
	hold     *hold
	done     func() // gives its memory back; of those of a stream
}

// message reads a request's message. done gives its memory back; it is never nil.
func (r *Receiver) message(w http.ResponseWriter, req *http.Request, read func(*message, *http.Request) error) (m *message, done func(), err error) {
	control := http.NewResponseController(w)
	body := buffer()
	m = &message{body: body, from: peerOf(req.RemoteAddr)}
	m.hold = r.room.begin(m.from, func() { control.SetReadDeadline(time.Unix(1, 0)) }) //nolint:errcheck // else its own time ends it
	hold := m.hold
	done = func() {
		hold.free()
		giveBack(body)
	}
	if err = read(m, req); err != nil {
		return nil, done, err
	}
	return m, done, m.hold.whole()
}

func peerOf(remote string) netip.Addr {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap().WithZone("")
}

func (r *Receiver) answerRefusal(w http.ResponseWriter, f *refusal, as form) {
	h := w.Header()
	switch f.http {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodPost)
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusUnsupportedMediaType:
		h.Set("Accept-Encoding", "gzip, zstd, identity")
	}
	if f.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.after.Seconds()))))
	}
	marshal := proto.Marshal
	if as == formJSON {
		marshal = protojson.Marshal
	}
	body, err := marshal(f.proto())
	if err != nil {
		body = nil // the code says enough
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(f.http)
	w.Write(body) //nolint:errcheck // a sender that is gone reads nothing
}
