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
func (s *Server) authorized(r *http.Request) bool {
	if s.c.Token == "" {
		return false
	}
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") && s.is(strings.TrimSpace(value)) {
		return true
	}
	if _, password, ok := r.BasicAuth(); ok && s.is(password) {
		return true
	}
	return s.is(r.Header.Get("X-ClickHouse-Key"))
}

// is compares hashes, so that time tells nothing of the token nor of its length.
func (s *Server) is(token string) bool {
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.c.Token))
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
