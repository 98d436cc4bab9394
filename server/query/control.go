package query

import (
	"cmp"
	"net/http"
)

// control guards what changes things. A page in somebody's browser may send to a server on that machine
// without asking: such requests are refused, whatever the address is guarded by.
func (s *Server) control() http.Handler {
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		wanted := cmp.Or(s.c.ControlToken, s.c.Token)
		switch {
		case !s.c.Guarded && (reads || s.c.ControlToken == ""), shows(r, wanted), reads && s.authorized(r):
			s.c.Control.ServeHTTP(w, r)
		case s.c.ControlToken != "" && s.authorized(r):
			writeError(w, r, &failure{http.StatusForbidden, "this token reads only; who changes the configuration of agents shows the server's control token"})
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="throughline"`)
			writeError(w, r, &failure{http.StatusUnauthorized, "this server wants a token: Authorization: Bearer TOKEN"})
		}
	})
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, r, &failure{http.StatusForbidden, "a page of another origin may not change anything here"})
	}))
	return protection.Handler(guarded)
}
