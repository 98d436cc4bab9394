package otlp

import (
	"mime"
	"net/http"

	"google.golang.org/grpc/codes"
)

// PathZipkin takes Zipkin's spans of version 2.
const PathZipkin = "/api/v2/spans"

// serveZipkin takes Zipkin's spans and answers as its server does.
func (r *Receiver) serveZipkin(w http.ResponseWriter, req *http.Request) {
	if err := r.takeZipkin(w, req); err != nil {
		w.Header().Set("Content-Type", typeJSON)
		r.answerRefusal(w, r.refuse(err), formJSON)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (r *Receiver) takeZipkin(w http.ResponseWriter, req *http.Request) error {
	encoding, err := r.posted(req)
	if err != nil {
		return err
	}
	form := formZipkinJSON
	switch t, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); t {
	case typeProtobuf, "application/protobuf":
		form = formZipkin
	case typeJSON, "text/plain", "": // browsers and old reporters say less
	default:
		return unsupported("Content-Type %q is not supported: use %s or %s", t, typeJSON, typeProtobuf)
	}
	m, done, err := r.message(w, req, func(m *message, req *http.Request) error {
		m.encoding, m.form = encoding, form
		return m.hold.readAll(req.Body, r.config.MaxBody, m.body)
	})
	defer done()
	if err != nil {
		return err
	}
	_, err = r.take(req.Context(), m)
	return err
}

// posted checks a request that is no OTLP before its body is read, and says how that is compressed.
func (r *Receiver) posted(req *http.Request) (encoding string, err error) {
	encoding, known := encodingOf(req.Header.Get("Content-Encoding"))
	switch {
	case !r.allowed(req):
		return "", errToken
	case req.Method != http.MethodPost:
		return "", &refusal{http.StatusMethodNotAllowed, codes.Unimplemented, "spans are sent by POST", 0}
	case !known:
		return "", unsupported("Content-Encoding %q is not supported: use gzip, zstd or none", encoding)
	case req.ContentLength > int64(r.config.MaxBody): // compressed, it is larger still
		return "", tooLarge(r.config.MaxBody)
	}
	return encoding, nil
}
