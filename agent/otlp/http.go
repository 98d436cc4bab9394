package otlp

import (
	"math"
	"mime"
	"net/http"
	"net/netip"
	"strconv"

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

// ServeHTTP takes OTLP/HTTP requests.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	as, contentType, known := formOf(req.Header.Get("Content-Type"))
	res, err := r.serve(req, as, known)
	w.Header().Set("Content-Type", contentType)
	if err != nil {
		r.answerRefusal(w, err, as)
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

func (r *Receiver) serve(req *http.Request, as form, known bool) (result, *refusal) {
	switch {
	case req.URL.Path != PathTraces && req.URL.Path != PathNative:
		return result{}, r.refuse(&refusal{http.StatusNotFound, codes.NotFound, "nothing is received at " + strconv.Quote(req.URL.Path) + ": spans go to " + PathTraces + " or " + PathNative, 0})
	case req.Method != http.MethodPost:
		return result{}, r.refuse(&refusal{http.StatusMethodNotAllowed, codes.Unimplemented, "spans are sent by POST", 0})
	case !known:
		return result{}, r.refuse(unsupported("Content-Type %q is not supported: use %s or %s", req.Header.Get("Content-Type"), typeProtobuf, typeJSON))
	}
	body, done, err := r.body(req)
	defer done()
	if err != nil {
		return result{}, r.refuse(err)
	}
	res, err := r.take(req.Context(), body, as, peerOf(req.RemoteAddr))
	if err != nil {
		return result{}, r.refuse(err)
	}
	return res, nil
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
