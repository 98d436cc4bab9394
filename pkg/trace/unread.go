package trace

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// readable are the protocols that agents understand, in plain text (docs/protocols.md). What says
// nothing of its protocol may be one of them.
var readable = map[string]bool{"": true, "HTTP": true, "MySQL": true, "FastCGI": true, "PostgreSQL": true}

// The attributes that say whether a call was encrypted.
var (
	tlsKeys    = []string{"tls.protocol.version", "tls.protocol.name", "tls.cipher"}
	urlKeys    = []string{"url.full", "http.url"}
	schemeKeys = []string{"url.scheme", "http.scheme"}
)

// unread reports whether the session between a caller's span and its callee's is one that no
// agent makes hops of, so that none are missing: gRPC and other HTTP/2, a message through a
// broker, whatever is encrypted.
func unread(caller, callee *span.Span) bool {
	for _, s := range [2]*span.Span{caller, callee} {
		if !readable[s.Protocol] || laterHTTP(s.Version) || s.TLS || attribute(s, tlsKeys) != "" {
			return true
		}
	}
	// Of the callee a scheme is no proof: behind a gateway it is what the gateway was asked by.
	return strings.HasPrefix(attribute(caller, urlKeys), "https:") || attribute(caller, schemeKeys) == "https"
}

// laterHTTP reports whether a version of a protocol is HTTP/2 or HTTP/3, as conventions old
// and new write them: 2, 2.0, HTTP/2.
func laterHTTP(version string) bool {
	version = strings.TrimPrefix(version, "HTTP/")
	return strings.HasPrefix(version, "2") || strings.HasPrefix(version, "3")
}
