package trace

import (
	"encoding/json"
	"net/netip"

	"github.com/throughline-io/throughline/pkg/span"
)

// Text is a string that JSON knows as null where it is empty.
type Text string

// MarshalJSON writes null for "".
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// UnmarshalJSON reads null as "".
func (t *Text) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*t = ""
	if s != nil {
		*t = Text(*s)
	}
	return nil
}

// Printed is a trace as the API, the command line and the comparer know it.
type Printed struct {
	TraceID  Text   `json:"trace_id"`
	Start    int64  `json:"start"`    // of the main root, Unix nanoseconds by its node's clock
	Duration int64  `json:"duration"` // of the main root, nanoseconds
	Counts   Counts `json:"counts"`
	// Where says where the main root's time went.
	Where Account `json:"where"`
	// Offsets is how far each node's clock is ahead of the main root's, in nanoseconds.
	Offsets map[string]int64 `json:"offsets"`
	Spans   []PrintedSpan    `json:"spans"` // pre-order, siblings by start
	Weak    []PrintedWeak    `json:"weak_links,omitempty"`
	// Truncated says what the look-up left out, "" for nothing. Assembly never sets it.
	Truncated string `json:"truncated,omitempty"`
}

// Counts is how many spans, links and so on a trace has.
type Counts struct {
	Total      int `json:"total"`
	APP        int `json:"app"`
	SYS        int `json:"sys"`
	NET        int `json:"net"`
	Links      int `json:"links"`
	Causal     int `json:"links_causal"`
	Inferred   int `json:"links_inferred"`
	Orphans    int `json:"orphans"`
	Duplicates int `json:"duplicates"`
	Cycles     int `json:"cycles"`
}

// PrintedSpan is one span. Ids are 16 hex digits.
type PrintedSpan struct {
	ID       string `json:"id"`
	Parent   Text   `json:"parent"` // null: a root
	Source   string `json:"source"` // APP, SYS or NET
	Point    string `json:"observation_point"`
	Kind     Text   `json:"kind"` // APP only
	Service  Text   `json:"service"`
	Name     Text   `json:"name"` // APP: the span's name; SYS and NET: the request
	Node     Text   `json:"node"`
	Pod      Text   `json:"pod"`    // whose process or code it is; of NET null
	OfPod    Text   `json:"of_pod"` // NET at a pod's interface: whose
	NIC      Text   `json:"interface"`
	NICName  Text   `json:"interface_name"`
	Tunnel   Text   `json:"tunnel"`
	Protocol Text   `json:"protocol"`
	Request  Text   `json:"request"`
	Client   Text   `json:"client"` // who asks: pod, service or address
	Server   Text   `json:"server"` // who is asked
	// ClientAddress and ServerAddress are the ends of the connection as seen at this point.
	ClientAddress Text  `json:"client_address"`
	ServerAddress Text  `json:"server_address"`
	Status        Text  `json:"status"`
	Code          int32 `json:"code,omitempty"`
	Start         int64 `json:"start"` // Unix nanoseconds by the clock of Node
	End           int64 `json:"end"`
	Response      int64 `json:"response_start,omitempty"` // nanoseconds after Start; 0: no response seen
	RequestEnd    int64 `json:"request_end,omitempty"`    // nanoseconds after Start until the whole request was there
	// Retransmissions are packets of this request or its response that were sent again.
	Retransmissions int   `json:"retransmissions,omitempty"`
	Self            int64 `json:"self"` // nanoseconds that no child covers
	Depth           int32 `json:"depth"`
	TraceID         Text  `json:"trace_id"`
	SpanID          Text  `json:"span_id"`
	Rule            Text  `json:"rule"`
	Reason          Text  `json:"reason"`
	// Confidence of the link to the parent: proven, causal or inferred; null for a root.
	Confidence Text `json:"confidence"`
	// Missing is the number of hops between the span and its parent that were not seen.
	Missing int `json:"missing_hops,omitempty"`
	// Orphan says why a span other than the main root has no parent.
	Orphan Text `json:"orphan,omitempty"`
}

// PrintedWeak is a link that is offered and was not made.
type PrintedWeak struct {
	Span   string `json:"span"`
	Parent string `json:"parent"`
	Reason string `json:"reason"`
}

// Print makes the public form of a tree. entities may be nil; names then fall back to
// what the spans say themselves.
func Print(t *Tree, entities func(id uint64) *span.Entity) *Printed {
	r := newPrinter(t, entities)
	p := r.head()
	p.Spans = make([]PrintedSpan, 0, len(t.Spans))
	for i := range t.Spans {
		p.Spans = append(p.Spans, r.span(i))
	}
	return p
}

// printer prints one tree.
type printer struct {
	tree     *Tree
	entities func(uint64) *span.Entity
	self     []int64
	ids      []string
}

func newPrinter(t *Tree, entities func(id uint64) *span.Entity) *printer {
	if entities == nil {
		entities = t.entities
	}
	if entities == nil {
		entities = func(uint64) *span.Entity { return nil }
	}
	return &printer{t, entities, Self(t), printedIDs(t)}
}

// head is all but the spans.
func (r *printer) head() *Printed {
	t := r.tree
	p := &Printed{TraceID: Text(t.TraceID().String()), Offsets: t.Offsets, Counts: t.Counts()}
	if len(t.Spans) > 0 {
		p.Start, p.Duration = t.Spans[0].Start, lasting(t.Spans[0])
	}
	p.Where = Where(t, 0, 0, none)
	for _, w := range t.Weak {
		p.Weak = append(p.Weak, PrintedWeak{r.ids[w.Span], r.ids[w.Parent], w.Reason})
	}
	return p
}

func (r *printer) span(i int) PrintedSpan {
	t := r.tree
	q := printSpan(t.Spans[i], r.entities)
	q.ID, q.Self, q.Depth = r.ids[i], r.self[i], t.Depth[i]
	if parent := t.Parent[i]; parent != none {
		q.Parent = Text(r.ids[parent])
		q.Rule, q.Reason, q.Confidence = Text(t.Rule[i].String()), Text(t.Reason[i]), Text(t.Confidence[i].String())
		q.Missing = int(t.Missing[i])
	}
	q.Orphan = Text(t.Orphan[i])
	return q
}

// printedIDs are the spans' ids. Two spans can have one id only if it is zero or if their
// makers were broken; a suffix keeps them apart.
func printedIDs(t *Tree) []string {
	ids := make([]string, len(t.Spans))
	seen := make(map[uint64]int, len(t.Spans))
	for i, s := range t.Spans {
		ids[i] = span.FormatID(s.ID)
		if n := seen[s.ID]; n > 0 {
			ids[i] += "." + itoa(n)
		}
		seen[s.ID]++
	}
	return ids
}

// Counts counts the tree's spans and links.
func (t *Tree) Counts() Counts {
	c := Counts{Total: len(t.Spans), Duplicates: t.Duplicates, Cycles: t.Cycles}
	for i, s := range t.Spans {
		switch s.Source {
		case span.APP:
			c.APP++
		case span.SYS:
			c.SYS++
		case span.NET:
			c.NET++
		}
		switch t.Confidence[i] {
		case Causal:
			c.Causal++
		case Inferred:
			c.Inferred++
		}
	}
	if len(t.Spans) > 0 {
		c.Links = len(t.Spans) - len(t.Roots)
		c.Orphans = len(t.Roots) - 1
	}
	return c
}

func printSpan(s *span.Span, entities Entities) PrintedSpan {
	q := PrintedSpan{
		Source: s.Source.String(), Point: s.Point.String(), Service: Text(s.Service), Node: Text(s.Node),
		Protocol: Text(s.Protocol), Request: Text(request(s)),
		Client: Text(end(s.ClientEntity, s.Client, entities)), Server: Text(end(s.ServerEntity, s.Server, entities)),
		ClientAddress: Text(address(s.Client)), ServerAddress: Text(address(s.Server)),
		Code: s.Code, Start: s.Start, End: s.End(), Response: int64(s.ResponseStart), RequestEnd: int64(s.RequestEnd), Retransmissions: int(s.Retransmissions),
		TraceID: Text(s.TraceID.String()), SpanID: Text(s.SpanID.String()),
		NIC: Text(s.InterfaceType), NICName: Text(s.Interface), Tunnel: Text(s.Tunnel),
	}
	if s.Status != span.StatusUnknown {
		q.Status = Text(s.Status.Of(s.Source))
	}
	q.Name = q.Request
	switch s.Source {
	case span.APP:
		q.Kind, q.Name = Text(s.Kind.String()), Text(s.Endpoint)
		fallthrough
	case span.SYS:
		if e := entities(s.Entity); e != nil {
			q.Pod = Text(e.Pod)
			if q.Service == "" {
				q.Service = Text(e.Service)
			}
		}
	case span.NET:
		if s.InterfaceType == "veth" {
			q.OfPod = Text(podAt(s, entities))
		}
	}
	return q
}

// podAt is the pod whose interface a NET span was seen at.
func podAt(s *span.Span, entities Entities) string {
	id := s.ServerEntity
	if s.Point.Client() {
		id = s.ClientEntity
	}
	if e := entities(id); e != nil {
		return e.Pod
	}
	return ""
}

// request is what a span asks for; of an APP span only where its attributes say it.
func request(s *span.Span) string {
	if s.Source != span.APP {
		return s.Request()
	}
	if s.Protocol == "HTTP" && s.Type != "" && s.Resource != "" {
		return s.Type + " " + s.Resource
	}
	return s.Resource
}

// end names one end of a connection by the best that is known.
func end(id uint64, addr netip.AddrPort, entities Entities) string {
	if e := entities(id); id != 0 && e != nil {
		for _, name := range []string{e.Pod, e.Service, e.Process, e.Node} {
			if name != "" {
				return name
			}
		}
	}
	switch {
	case !addr.Addr().IsValid():
		return ""
	case addr.Port() == 0:
		return addr.Addr().String()
	}
	return addr.String()
}

func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
