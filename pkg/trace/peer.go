package trace

import (
	"cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// PeerKind is what a CLIENT or PRODUCER span called, or what a session waits for that is asked to wait.
type PeerKind string

// The kinds of peers, by the attributes that OpenTelemetry's semantic conventions give
// calls of that kind.
const (
	PeerUnknown   PeerKind = ""
	PeerDatabase  PeerKind = "database"
	PeerHTTP      PeerKind = "http"
	PeerRPC       PeerKind = "rpc"
	PeerMessaging PeerKind = "messaging"
	PeerModel     PeerKind = "model" // gen_ai: a model's API
	PeerFunction  PeerKind = "function"
	PeerData      PeerKind = "data" // what a call that blocks waits for: a queue's next message
)

// Peer is whom a span called, as far as the span itself says.
type Peer struct {
	Kind PeerKind
	// Name is what users call it: "valkey-cart (redis)", "gpt-4o (openai)", "orders (kafka)",
	// "payments.example.com"; "" where nothing is known.
	Name string
}

// conventions are the attributes that say whom a call went to, in the semantic conventions
// of today and before (1.0 to 1.41): of several the first that is there counts.
var (
	peerNames   = []string{"service.peer.name", "peer.service", "server.address", "net.peer.name", "server.socket.domain", "network.peer.address", "net.sock.peer.name", "net.peer.ip", "http.host"}
	dbNames     = []string{"db.namespace", "db.name"}
	dbSystems   = []string{"db.system.name", "db.system"}
	topics      = []string{"messaging.destination.name", "messaging.destination", "messaging.destination.template"}
	queues      = []string{"messaging.system"}
	modelNames  = []string{"gen_ai.request.model", "gen_ai.response.model", "gen_ai.agent.name", "gen_ai.tool.name"}
	modelOwners = []string{"gen_ai.provider.name", "gen_ai.system"}
	rpcSystems  = []string{"rpc.system.name", "rpc.system"}
	rpcServices = []string{"rpc.service"}
	functions   = []string{"faas.invoked_name"}
	blocking    = []string{span.Blocking}
	httpMethods = []string{"http.request.method", "http.method"}
)

// attribute finds the value of the first of the keys that is there, without a map: a span has a handful.
func attribute(s *span.Span, keys []string) string {
	for _, key := range keys {
		for i := range s.Attributes {
			if a := &s.Attributes[i]; a.Key == key && a.Value != "" {
				return a.Value
			}
		}
	}
	return ""
}

// SavedPeerKind and SavedPeerName are attributes, the kind the span's first one, by which a trace
// that was saved without attributes says whom a span called.
const (
	SavedPeerKind = "throughline.peer.kind"
	SavedPeerName = "throughline.peer.name"
)

// PeerOf is whom an APP span of kind CLIENT or PRODUCER called, or for what the server of a session waits that blocks. Of others
// there is none: their own time is not spent waiting for somebody else.
func PeerOf(s *span.Span) Peer {
	p := peerOf(s)
	p.Name = shorten(p.Name, maxName)
	return p
}

func peerOf(s *span.Span) Peer {
	if s.Source == span.APP && s.Kind != span.KindClient && s.Kind != span.KindProducer {
		return Peer{}
	}
	if len(s.Attributes) > 0 && s.Attributes[0].Key == SavedPeerKind {
		return Peer{PeerKind(s.Attributes[0].Value), attribute(s, []string{SavedPeerName})}
	}
	if s.Source != span.APP {
		if attribute(s, blocking) == "true" {
			return Peer{PeerData, s.Resource}
		}
		return Peer{}
	}
	host := cmp.Or(attribute(s, peerNames), s.Domain)
	if host == "" && s.Server.Addr().IsValid() {
		host = s.Server.Addr().String()
	}
	if owner := attribute(s, modelOwners); owner != "" {
		return Peer{PeerModel, named(cmp.Or(attribute(s, modelNames), host), owner)}
	}
	if system := attribute(s, queues); system != "" {
		return Peer{PeerMessaging, named(cmp.Or(attribute(s, topics), host), system)}
	}
	if system := attribute(s, dbSystems); system != "" {
		return Peer{PeerDatabase, named(cmp.Or(host, attribute(s, dbNames)), system)}
	}
	if function := attribute(s, functions); function != "" {
		return Peer{PeerFunction, function}
	}
	if attribute(s, httpMethods) != "" {
		return Peer{PeerHTTP, host}
	}
	if system := attribute(s, rpcSystems); system != "" {
		return Peer{PeerRPC, cmp.Or(host, attribute(s, rpcServices), system)}
	}
	return Peer{PeerUnknown, host}
}

// named is a peer's own name with what it is.
func named(name, system string) string {
	if name == "" || name == system {
		return system
	}
	return name + " (" + system + ")"
}
