package trace

import (
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// readable are the protocols that agents understand, in plain text (docs/protocols.md). What says
// nothing of its protocol may be one of them. gRPC is none of them, though agents read it: its spans of code do not
// say whether it was encrypted, and where it was there are no hops. Nor are Kafka, AMQP, NATS and MQTT: a message goes from one span to another
// through a broker, by requests of either to it and none between them.
var readable = map[string]bool{"": true, "HTTP": true, "MySQL": true, "FastCGI": true, "PostgreSQL": true, "Redis": true, "MongoDB": true, "DNS": true, "Memcached": true}

// The attributes that say whether a call was encrypted.
var (
	tlsKeys    = []string{"tls.protocol.version", "tls.protocol.name", "tls.cipher"}
	urlKeys    = []string{"url.full", "http.url"}
	schemeKeys = []string{"url.scheme", "http.scheme"}
)

// unread reports whether the session between a caller's span and its callee's is one that no
// agent makes hops of, or may be, so that none are missing: gRPC, HTTP/2 of which nobody says that
// it was in clear, HTTP/3, a message through a broker, whatever is encrypted.
func unread(caller, callee *span.Span) bool {
	// Of the callee a scheme is no proof: behind a gateway it is what the gateway was asked by.
	url, scheme := attribute(caller, urlKeys), attribute(caller, schemeKeys)
	clear := strings.HasPrefix(url, "http:") || scheme == "http"
	for _, s := range [2]*span.Span{caller, callee} {
		version := strings.TrimPrefix(s.Version, "HTTP/") // as conventions of old write it
		if !readable[s.Protocol] || strings.HasPrefix(version, "2") && !clear || strings.HasPrefix(version, "3") || s.TLS || attribute(s, tlsKeys) != "" {
			return true
		}
	}
	return strings.HasPrefix(url, "https:") || scheme == "https"
}
