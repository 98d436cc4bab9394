package span

import "fmt"

// Source says who saw a span.
type Source uint8

// The sources. The zero value is no source: a row that has it is malformed.
const (
	APP Source = 1 // an OpenTelemetry span
	SYS Source = 2 // a request as a process sent or received it, by eBPF
	NET Source = 3 // a request in the packets of one interface
)

var sourceNames = [...]string{"", "APP", "SYS", "NET"}

func (s Source) String() string { return name(sourceNames[:], uint8(s), "Source") }

// ParseSource reads "APP", "SYS" or "NET".
func ParseSource(s string) (Source, error) {
	v, err := parse(sourceNames[:], s, "source")
	return Source(v), err
}

// Point is the observation point: where on a request's path a span was seen. The values
// are in path order, from the caller's code to the callee's.
type Point uint8

// The observation points in path order; c is the client's side, s the server's.
const (
	PointClientApp     Point = 1  // c-app: the caller's own code
	PointClientProcess Point = 2  // c-p: system calls of the calling process
	PointClient        Point = 3  // c: the caller's own (its pod's) interface
	PointClientNode    Point = 4  // c-nd: NIC of the caller's node
	PointGateway       Point = 5  // gw: any hop between the nodes
	PointServerNode    Point = 6  // s-nd: NIC of the callee's node
	PointServer        Point = 7  // s: the callee's own interface
	PointServerProcess Point = 8  // s-p: system calls of the called process
	PointServerApp     Point = 9  // s-app: the callee's own code
	PointApp           Point = 10 // app: an OpenTelemetry span, whatever its kind
	PointLocal         Point = 11 // local: both ends on one interface
	PointRest          Point = 12 // rest: seen, side unknown
)

var pointNames = [...]string{"", "c-app", "c-p", "c", "c-nd", "gw", "s-nd", "s", "s-p", "s-app", "app", "local", "rest"}

func (p Point) String() string { return name(pointNames[:], uint8(p), "Point") }

// ParsePoint reads an observation point's short name, such as "c-nd".
func ParsePoint(s string) (Point, error) {
	v, err := parse(pointNames[:], s, "observation point")
	return Point(v), err
}

// Client reports whether the point lies on the caller's side of the path.
func (p Point) Client() bool { return p >= PointClientApp && p <= PointClientNode }

// Server reports whether the point lies on the callee's side of the path.
func (p Point) Server() bool { return p >= PointServerNode && p <= PointServerApp }

// Kind is OpenTelemetry's SpanKind, with its numbers.
type Kind uint8

// The kinds (opentelemetry/proto/trace/v1, enum SpanKind).
const (
	KindUnspecified Kind = 0
	KindInternal    Kind = 1
	KindServer      Kind = 2
	KindClient      Kind = 3
	KindProducer    Kind = 4
	KindConsumer    Kind = 5
)

var kindNames = [...]string{"", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}

func (k Kind) String() string { return name(kindNames[:], uint8(k), "Kind") }

// Status is the outcome of a request, the same for every protocol.
type Status uint8

// The outcomes.
const (
	StatusUnknown     Status = 0 // nothing said how it ended
	StatusOK          Status = 1
	StatusClientError Status = 2 // the caller's fault: 4xx, bad SQL
	StatusServerError Status = 3 // the callee's fault: 5xx, OpenTelemetry's ERROR
	StatusTimeout     Status = 4 // as other tools say it: no answer in time
	StatusReset       Status = 5 // no answer: the connection was reset, or the request cancelled
	StatusClosed      Status = 6 // no answer: a side closed the connection
	StatusUnanswered  Status = 7 // no answer for as long as anybody looked
	StatusOpen        Status = 8 // not over yet: the same span comes again, with another status when it is
)

// StatusLast is the last of them.
const StatusLast = StatusOpen

var statusNames = [...]string{"unknown", "ok", "client error", "server error", "timeout", "reset", "closed", "unanswered", "open"}

func (s Status) String() string { return name(statusNames[:], uint8(s), "Status") }

// Of is the outcome in words, of a span of this source. Code whose status is UNSET, and whose
// protocol says nothing, has not failed: it is not unknown how it ended.
func (s Status) Of(source Source) string {
	if s == StatusUnknown && source == APP {
		return "unset"
	}
	return s.String()
}

// Error reports whether the request failed.
func (s Status) Error() bool { return s >= StatusClientError && s != StatusOpen }

func name(names []string, v uint8, typ string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", typ, v)
}

func parse(names []string, s, what string) (uint8, error) {
	for i, n := range names {
		if n == s && s != "" {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q", what, s)
}
