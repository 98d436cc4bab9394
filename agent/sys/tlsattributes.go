package sys

import (
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// attributes are those of a session that was said inside of TLS (semantic conventions: registry/attributes/tls).
func (t *tlsSocket) attributes(of []span.Attribute) []span.Attribute {
	list := slices.Clip(of)
	add := func(key, value string) {
		if value != "" {
			list = append(list, span.Attribute{Key: key, Value: value, Type: span.AttributeString})
		}
	}
	add("tls.protocol.name", "tls")
	add("tls.protocol.version", t.hello.Version)
	add("tls.client.server_name", t.hello.ServerName)
	add("tls.next_protocol", t.hello.Protocol)
	return list
}
