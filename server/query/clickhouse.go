package query

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Target is a ClickHouse HTTP interface.
type Target struct {
	URL       *url.URL // scheme, host and prefix
	User, Key string   // credentials that can only read, where the server has such
	Transport http.RoundTripper
}

// maxStatement bounds a statement that is sent as body.
const maxStatement = 4 << 20

// passedParams are the URL parameters that reach the store, beside param_*: what clients
// send for a statement and its format, and settings that only make a query smaller or
// faster. Others are left out without a word, as clients send some with every query.
var passedParams = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "client_protocol_version": true,
	"compress": true, "enable_http_compression": true, "http_zlib_compression_level": true,
	"wait_end_of_query": true, "buffer_size": true, "send_progress_in_http_headers": true,

	"max_execution_time": true, "timeout_overflow_mode": true, "max_threads": true, "max_block_size": true,
	"max_result_rows": true, "max_result_bytes": true, "result_overflow_mode": true, "max_rows_to_read": true, "max_bytes_to_read": true,
	"max_memory_usage": true, "use_skip_indexes": true, "optimize_read_in_order": true, "use_query_condition_cache": true,
	"read_in_order_use_buffering": true, "query_plan_direct_read_from_text_index": true, "enable_analyzer": true, "compile_expressions": true, "use_skip_indexes_on_data_read": true, "merge_tree_coarse_index_granularity": true,
	"date_time_output_format": true, "output_format_json_quote_64bit_integers": true,
}

// clickhouse passes statements on to the store, readers' ones only: the store gets
// readonly = 1 with each, which refuses writes, DDL, file() and url(), and the embedded
// engine credentials that cannot do more whatever is asked; what readonly does not cover is
// refused by the statement's first word. So a client of ClickHouse, such
// as clickhouse-go, works on <server>/clickhouse with the token as its password.
func (s *Server) clickhouse() http.Handler {
	t := s.c.ClickHouse
	if t == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			writeError(w, r, notFound("this server does not pass on statements"))
		})
	}
	proxy := &httputil.ReverseProxy{
		Transport: t.Transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL = &url.URL{Scheme: t.URL.Scheme, Host: t.URL.Host, Path: strings.TrimRight(t.URL.Path, "/") + "/", RawQuery: readerParams(p.In.URL.Query())}
			p.Out.Host = t.URL.Host
			kept := http.Header{}
			for _, name := range []string{"Accept-Encoding", "Content-Type", "User-Agent", "X-ClickHouse-Format"} {
				if v := p.In.Header.Values(name); len(v) > 0 {
					kept[name] = v
				}
			}
			kept.Set("X-ClickHouse-User", t.User)
			if t.Key != "" {
				kept.Set("X-ClickHouse-Key", t.Key)
			}
			p.Out.Header = kept
		},
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					r.Header.Del(name)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				s.c.Log.Warn("a statement did not reach the store", "error", err)
			}
			clickhouseError(w, http.StatusServiceUnavailable, 210, "the store cannot be reached: "+err.Error(), "NETWORK_ERROR")
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD, POST")
			clickhouseError(w, http.StatusMethodNotAllowed, 501, "use GET or POST", "CANNOT_PARSE_INPUT")
		case r.URL.Path != "/clickhouse" && r.URL.Path != "/clickhouse/" && r.URL.Path != "/clickhouse/ping":
			clickhouseError(w, http.StatusNotFound, 60, "there is nothing at "+quoted(r.URL.Path)+"; statements go to /clickhouse/", "UNKNOWN_TABLE")
		case !s.authorized(r):
			clickhouseError(w, http.StatusUnauthorized, 516, "wrong or no token: give the server's --token as ClickHouse password, as header X-ClickHouse-Key or as bearer token", "AUTHENTICATION_FAILED")
		case r.URL.Path == "/clickhouse/ping":
			_, _ = io.WriteString(w, "Ok.\n") // the reader may be gone
		default:
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(time.Now().Add(s.c.BodyTime)) // see limited
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatement))
			if err != nil {
				clickhouseError(w, http.StatusRequestEntityTooLarge, 307, "the statement cannot be read: "+err.Error(), "TOO_MANY_BYTES")
				return
			}
			// What follows may take longer: a deadline that passes would end the request.
			_ = control.SetReadDeadline(time.Time{})
			// The store puts the two together.
			if !reads(r.URL.Query().Get("query") + "\n" + string(body)) {
				clickhouseError(w, http.StatusForbidden, 164, "readers may SELECT, SHOW, DESCRIBE, EXPLAIN and ask what EXISTS", "READONLY")
				return
			}
			s.c.Fresh(r.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			proxy.ServeHTTP(&hurried{w, control, s.c.WriteTime}, r)
		}
	})
}

// hurried is an answer whose reader must take in what is sent within some time: one that does not
// read holds a place in the store that others wait for.
type hurried struct {
	http.ResponseWriter
	control *http.ResponseController
	time    time.Duration
}

func (h *hurried) Write(b []byte) (int, error) {
	_ = h.control.SetWriteDeadline(time.Now().Add(h.time))
	return h.ResponseWriter.Write(b)
}

// Unwrap lets the proxy flush.
func (h *hurried) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// readerParams keeps what a reader may send, and says readonly = 1 with it: the store takes
// the settings of one request together, and none after.
func readerParams(in url.Values) string {
	out := url.Values{}
	for name, v := range in {
		if (passedParams[name] || strings.HasPrefix(name, "param_")) && len(v) > 0 {
			out[name] = v[:1]
		}
	}
	out.Set("readonly", "1")
	return out.Encode()
}

// clickhouseError answers in the form ClickHouse's clients understand.
func clickhouseError(w http.ResponseWriter, status, code int, message, name string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("X-ClickHouse-Exception-Code", fmt.Sprint(code))
	w.WriteHeader(status)
	fmt.Fprintf(w, "Code: %d. DB::Exception: %s. (%s)\n", code, message, name)
}
