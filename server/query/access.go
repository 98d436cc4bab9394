package query

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// authorized reports whether the request shows the token: as bearer token, as ClickHouse's
// key, or as the password of Basic authentication. Never in the URL, which gets logged.
func (s *Server) authorized(r *http.Request) bool { return shows(r, s.c.Token) }

// shows reports whether a request shows a token; of "" none does.
func shows(r *http.Request, token string) bool {
	if token == "" {
		return false
	}
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(value), token) {
		return true
	}
	if _, password, ok := r.BasicAuth(); ok && same(password, token) {
		return true
	}
	return same(r.Header.Get("X-ClickHouse-Key"), token)
}

// same compares hashes, so that time tells nothing of the token nor of its length.
func same(token, is string) bool {
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(is))
	return token != "" && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// LoopbackHost reports whether a Host header names this machine: localhost or a loopback
// address, with or without port.
func LoopbackHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

func quoted(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strconv.Quote(s)
}
