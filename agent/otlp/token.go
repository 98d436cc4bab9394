package otlp

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
)

var errToken = &refusal{http.StatusUnauthorized, codes.Unauthenticated, `this agent wants a token: send the header "Authorization: Bearer TOKEN", by exporters' OTEL_EXPORTER_OTLP_HEADERS`, 0}

// allowed reports whether a sender has shown the token.
func (r *Receiver) allowed(req *http.Request) bool {
	if r.config.Token == "" {
		return true
	}
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	if own := req.Header.Get("Authentication"); own != "" && scheme == "" { // SkyWalking's agents
		scheme, token = "Bearer", own
	}
	// Hashed: compared in constant time whatever the lengths.
	want, got := sha256.Sum256([]byte(r.config.Token)), sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
