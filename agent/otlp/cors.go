package otlp

import (
	"net/http"
	"slices"
)

// allowOrigin lets the scripts of the pages that Config.Origins names send from a browser. It reports
// whether the request only asked for that (a preflight) and is answered.
func (r *Receiver) allowOrigin(h http.Header, req *http.Request) (answered bool) {
	origin := req.Header.Get("Origin")
	if origin == "" || len(r.config.Origins) == 0 {
		return false
	}
	h.Add("Vary", "Origin")
	if !slices.Contains(r.config.Origins, origin) && !slices.Contains(r.config.Origins, "*") {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if req.Method != http.MethodOptions || req.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Encoding, Content-Type, X-Requested-With, traceparent, tracestate")
	h.Set("Access-Control-Max-Age", "7200")
	return true
}
