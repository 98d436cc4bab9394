package otlp

import (
	"context"
	"mime"
	"net/http"
)

// What Jaeger's clients send to its collector: batches in protobuf by gRPC, and in thrift by HTTP.
const (
	pathPostSpans = "/jaeger.api_v2.CollectorService/PostSpans"
	// PathJaeger takes Jaeger's batches in thrift's binary protocol.
	PathJaeger = "/api/traces"
)

// jaeger takes a call of gRPC. Its answer is an empty message.
func (r *Receiver) jaeger(ctx context.Context, w http.ResponseWriter, req *http.Request) error {
	m, done, err := r.message(w, req, func(m *message, req *http.Request) error {
		m.form = formJaeger
		return r.readFrame(m, req)
	})
	defer done()
	if err != nil {
		return err
	}
	_, err = r.take(ctx, m)
	return err
}

// serveJaeger takes a batch by HTTP and answers as Jaeger's collector does.
func (r *Receiver) serveJaeger(w http.ResponseWriter, req *http.Request) {
	if err := r.takeJaeger(w, req); err != nil {
		w.Header().Set("Content-Type", typeJSON)
		r.answerRefusal(w, r.refuse(err), formJSON)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (r *Receiver) takeJaeger(w http.ResponseWriter, req *http.Request) error {
	encoding, err := r.posted(req)
	if err != nil {
		return err
	}
	switch t, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); t {
	case "application/x-thrift", "application/vnd.apache.thrift.binary":
	default:
		return unsupported("Content-Type %q is not supported: use application/x-thrift, with a batch in thrift's binary protocol", t)
	}
	m, done, err := r.message(w, req, func(m *message, req *http.Request) error {
		m.encoding, m.form = encoding, formJaegerThrift
		return m.hold.readAll(req.Body, r.config.MaxBody, m.body)
	})
	defer done()
	if err != nil {
		return err
	}
	_, err = r.take(req.Context(), m)
	return err
}
