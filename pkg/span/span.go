package span

import "net/netip"

// Span is one span of any source. Empty or zero means "not known" for every field.
type Span struct {
	// Identity.
	ID           uint64 // unique; given where the span is made and kept through every retry
	Source       Source
	Point        Point
	Kind         Kind
	TraceID      TraceID // APP: its own; SYS and NET: from the trace context in the message
	SpanID       SpanID  // APP: its own; SYS and NET: the span id the message's trace context carries
	ParentSpanID SpanID  // APP only
	TraceState   string  // W3C tracestate

	// Time: Unix nanoseconds by the clock of Node.
	Start         int64  // s-p: exit of the first read; c-p: entry of the first write; NET: the first packet
	Duration      uint64 // to the end: c-p: exit of the last read; s-p: entry of the last write; NET: the last packet
	ResponseStart uint64 // from Start to the response's first byte (s-p: entry of its first write); 0: no response seen
	RequestEnd    uint64 // from Start until the whole request was there: c-p: exit of its last write; s-p: of its last read; NET: the packet that completed it

	// Who saw it.
	Agent   string     // the agent's name
	Node    string     // the node, and so the clock
	PodIP   netip.Addr // the pod whose process (SYS) or code (APP) it is; of NET: invalid
	Service string     // APP: service.name; SYS: by tagging; NET: ""

	// Request.
	Protocol      string // "HTTP", "FastCGI", "MySQL", ...
	Version       string // "1.1"
	Type          string // method, verb or command: "GET", "COM_QUERY"
	Domain        string // host asked for
	Resource      string // what was asked for as sent: path, SQL, key, topic
	Endpoint      string // route or span name: low cardinality, "/items/{id}"
	RequestID     string // the protocol's own id of the request within its connection
	XRequestID    string // X-Request-ID of the request
	XResponseID   string // X-Request-ID of the response
	Status        Status
	Code          int32  // the protocol's own status code
	StatusMessage string // error text
	RequestSize   uint64 // bytes of the request on the wire
	ResponseSize  uint64 // bytes of the response on the wire

	// Wire.
	Client, Server netip.AddrPort
	Transport      uint8  // IP protocol number: 6 TCP, 17 UDP
	RequestSeq     uint32 // TCP sequence number of the request's first byte
	ResponseSeq    uint32 // TCP sequence number of the response's first byte
	Flow           uint64 // connection, unique per agent
	// Retransmissions are packets with bytes of this request or response that were seen before
	// at this interface (NET): something was lost behind it.
	Retransmissions uint16
	Tunnel          string // encapsulation at this interface, outermost first: "", "ipip", "vxlan,ipip"
	Interface       string // NET: name of the interface
	InterfaceType   string // NET: "veth" (node's end of a pod's pair) or "nic"
	TLS             bool

	// Process (SYS).
	PID, TID    uint32
	Comm        string
	Goroutine   uint64
	Passage     uint64      // same value for an s-p and the c-p's it caused in its process; 0 not known
	PassageRule PassageRule // of a c-p: how its passage is known
	SyscallReq  uint64      // syscall trace id of the request
	SyscallResp uint64      // syscall trace id of the response
	CaptureSeq  uint64      // order of capture on the socket

	// Entities: ids of rows stored once. Set by the server, except OTelResource.
	Entity       uint64 // who saw it: the process's or the code's pod
	ClientEntity uint64
	ServerEntity uint64
	OTelResource uint64

	// Free.
	ScopeName    string // instrumentation scope
	ScopeVersion string
	Attributes   []Attribute
	Rest         string // JSON of what OTLP sent besides (see Rest), "" for nothing
	Events       string // JSON array [{"time":ns,"name":"","attributes":{},"dropped":attributes}], "" for none
	Links        string // JSON array [{"trace_id":"","span_id":"","attributes":{},"dropped":attributes,"flags":0}], "" for none
}

// AsksByMethod reports whether a protocol asks by a method and a path: HTTP, FastCGI, which carries it, and WebSocket, which
// begins with it.
func AsksByMethod(protocol string) bool {
	return protocol == "HTTP" || protocol == "FastCGI" || protocol == "WebSocket"
}

// NamedByEndpoint reports whether a request is called by its endpoint alone.
func (s *Span) NamedByEndpoint() bool { return s.Source != APP && NamesByEndpoint(s.Protocol) }

// NamesByEndpoint reports whether requests of a protocol are called by their endpoint alone: what their resource is names
// one thing of many, as a key of Redis or Memcached does, or is in the endpoint, as a topic of Kafka.
func NamesByEndpoint(protocol string) bool {
	return protocol == "Redis" || protocol == "Memcached" || protocol == "Kafka" || protocol == "AMQP" || protocol == "MQTT" || protocol == "MongoDB"
}

// End is the span's end in Unix nanoseconds.
func (s *Span) End() int64 { return s.Start + int64(s.Duration) }

// Request is what the span asks for, in words of low cardinality: the method and route of
// HTTP, the statement of SQL, the command of Redis; "" where nothing is known.
func (s *Span) Request() string {
	if AsksByMethod(s.Protocol) {
		if s.Endpoint == "" {
			return s.Type
		}
		return s.Type + " " + s.Endpoint
	}
	if s.Resource != "" && !s.NamedByEndpoint() {
		return s.Resource
	}
	return s.Endpoint
}

// AttributeType is the type an attribute's value had in OTLP.
type AttributeType uint8

// The types (opentelemetry/proto/common/v1, message AnyValue). Arrays, maps and bytes are
// kept as JSON text.
const (
	AttributeString AttributeType = 's'
	AttributeBool   AttributeType = 'b'
	AttributeInt    AttributeType = 'i'
	AttributeDouble AttributeType = 'd'
	AttributeJSON   AttributeType = 'j'
	AttributeBytes  AttributeType = 'y'
)

// Blocking is the attribute of a SYS or NET span whose answer is held back until there is something to answer with, as its
// request asks to: BLPOP of Redis, a fetch of Kafka.
const Blocking = "throughline.blocking"

// Attribute is one key and value; the value's text form is what is stored and searched.
type Attribute struct {
	Key   string
	Value string
	Type  AttributeType
}
