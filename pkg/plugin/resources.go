package plugin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"runtime/debug"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/throughline-io/throughline/pkg/span"
)

// resources are the calls that the front end makes besides queries.
func (i *Instance) resources() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /span/{id}", i.resource(i.spanResource))
	mux.HandleFunc("GET /attributes/{id}", i.resource(i.attributesResource))
	mux.HandleFunc("GET /find/{id}", i.resource(i.findResource))
	mux.HandleFunc("GET /find/{id}/keys", i.resource(i.findKeysResource))
	mux.HandleFunc("GET /find/{id}/values", i.resource(i.findValuesResource))
	mux.HandleFunc("GET /export/{id}", i.resource(i.exportResource))
	mux.HandleFunc("GET /values/{name}", i.resource(withLeftOut(i.valuesResource)))
	mux.HandleFunc("GET /tag-keys", i.resource(withLeftOut(i.tagKeysResource)))
	mux.HandleFunc("GET /tag-values", i.resource(withLeftOut(i.tagValuesResource)))
	mux.HandleFunc("GET /suggestions", i.resource(withLeftOut(i.suggestionsResource)))
	mux.HandleFunc("GET /connected", i.connectedResource)
	mux.HandleFunc("POST /layers", i.resource(i.layersResource))
	mux.HandleFunc("POST /differences", i.resource(i.differencesResource))
	mux.HandleFunc("POST /open", i.resource(i.openResource))
	mux.HandleFunc("POST /open/span/{id}", i.resource(i.openSpanResource))
	mux.HandleFunc("POST /open/attributes", i.resource(i.openAttributesResource))
	mux.HandleFunc("POST /open/find", i.resource(i.openFindResource))
	mux.HandleFunc("POST /open/find/keys", i.resource(i.openFindKeysResource))
	mux.HandleFunc("POST /open/find/values", i.resource(i.openFindValuesResource))
	mux.HandleFunc("POST /open/differences", i.resource(i.openDifferencesResource))
	mux.HandleFunc("POST /open/export", i.resource(i.openExportResource))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, map[string]string{"message": fmt.Sprintf("no resource %s %.100s: there are GET span/{id}, attributes/{id}, find/{id}, find/{id}/keys, find/{id}/values, export/{id}, values/{name}, tag-keys, tag-values, suggestions, connected and POST layers, differences, open, open/span/{id}, open/attributes, open/find, open/find/keys, open/find/values, open/differences, open/export", r.Method, r.URL.Path)})
	})
	return mux
}

// notFound says that what was asked for is not there.
type notFound struct{ error }

func (i *Instance) resource(get func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if i.fault != nil {
			answer(w, http.StatusBadRequest, map[string]string{"message": i.fault.Error()})
			return
		}
		asked := r.Context()
		if i.timeout > 0 {
			ctx, cancel := context.WithTimeout(asked, i.timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		defer func() {
			if p := recover(); p != nil {
				log.DefaultLogger.FromContext(r.Context()).Error("A resource call panicked", "panic", p, "stack", string(debug.Stack()))
				answer(w, http.StatusInternalServerError, map[string]string{"message": "the data source failed at this call; its log says where"})
			}
		}()
		v, err := get(r)
		var missing notFound
		switch {
		case errors.As(err, &missing):
			answer(w, http.StatusNotFound, map[string]string{"message": err.Error()})
		case err != nil && cancelled(asked, err):
			log.DefaultLogger.FromContext(asked).Debug("A resource call was cancelled", "path", r.URL.Path)
			answer(w, statusCancelled, map[string]string{"message": "cancelled"})
		case err != nil:
			if statusOf(err) != backend.StatusBadRequest {
				log.DefaultLogger.FromContext(r.Context()).Warn("A resource call failed", "path", r.URL.Path, "error", err)
			}
			answer(w, int(statusOf(err)), map[string]string{"message": brief(err).Error()})
		default:
			if file, ok := v.(download); ok {
				send(w, r, file)
				return
			}
			answer(w, http.StatusOK, v)
		}
	}
}

// flushAfter is how much of a file is kept before it is passed on: the adapter to Grafana
// keeps all that is not flushed.
const flushAfter = 1 << 20

// send answers with a file. What fails after its first bytes cuts it off: a JSON document that
// is cut off is none, so nobody takes it for whole.
func send(w http.ResponseWriter, r *http.Request, file download) {
	w.Header().Set("Content-Type", file.contentType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.name}))
	out := bufio.NewWriterSize(flusher{w}, flushAfter)
	err := file.write(out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		log.DefaultLogger.FromContext(r.Context()).Warn("A file was cut off", "file", file.name, "error", err)
	}
}

// flusher passes on each part at once.
type flusher struct{ http.ResponseWriter }

func (f flusher) Write(part []byte) (int, error) {
	n, err := f.ResponseWriter.Write(part)
	if to, ok := f.ResponseWriter.(http.Flusher); ok {
		to.Flush()
	}
	return n, err
}

func answer(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		log.DefaultLogger.Error("A resource's answer is no JSON", "error", err)
		code, body = http.StatusInternalServerError, []byte(`{"message":"the answer is no JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// spanResource is GET span/{id}: everything about one span.
func (i *Instance) spanResource(r *http.Request) (any, error) {
	id, err := readSpanID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	t, s, err := i.spanAndTrace(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return t.details(s), nil
}

// spanAndTrace is a span and its trace: one of those shown last, else as it is stored.
func (i *Instance) spanAndTrace(ctx context.Context, id span.AnyID) (*assembled, *span.Span, error) {
	if t, s := i.recent.find(id); s != nil {
		return t, s, nil
	}
	t, err := i.assemble(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	i.recent.add(t)
	at := t.spanOf(id)
	if at < 0 {
		return nil, nil, notFound{fmt.Errorf("no span %s is stored", id)}
	}
	return t, t.tree.Spans[at], nil
}

// traceByID is a trace by its id, as it is stored, or by that of one of its spans, as it was
// shown last.
func (i *Instance) traceByID(ctx context.Context, text string) (*assembled, error) {
	id, err := readID(text)
	if err != nil {
		return nil, err
	}
	if !id.Span.IsZero() {
		if t, _ := i.recent.find(id); t != nil {
			return t, nil
		}
	}
	t, err := i.assemble(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(t.tree.Spans) == 0 {
		return nil, notFound{fmt.Errorf("nothing of %s is stored", id)}
	}
	i.recent.add(t)
	return t, nil
}

// valuesResource is GET values/{name}?namespace=&workload=&service=&protocol=&pattern=&from=&to=
// (times in Unix milliseconds): the values of a key, as Grafana's filters want them.
func (i *Instance) valuesResource(r *http.Request) (any, error) {
	return i.choices(r, r.PathValue("name"), r.URL.Query().Get("pattern"))
}
