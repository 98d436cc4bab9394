package span

import (
	"fmt"
	"iter"
	"net/netip"
)

// Batch is spans in columns, with the string table, edges and OTel resources they refer
// to. It is the one type that crosses the borders between packages, processes and the
// store: pkg/wire carries its columns as bytes, pkg/store writes them as they are.
//
// Every column has the same number of rows. Code that appends to columns directly must
// append to each of them, or call Truncate to take back what it began.
// A Batch is not safe for concurrent use.
type Batch struct {
	Strings Table

	ID           Fixed[uint64]
	Source       Fixed[Source]
	Point        Fixed[Point]
	Kind         Fixed[Kind]
	TraceID      Fixed[TraceID]
	SpanID       Fixed[SpanID]
	ParentSpanID Fixed[SpanID]
	TraceState   Text

	Start         Fixed[int64]
	Duration      Fixed[uint64]
	ResponseStart Fixed[uint64]
	RequestEnd    Fixed[uint64]

	Agent   Symbols
	Node    Symbols
	PodIP   Fixed[[16]byte] // IPv4 as ::ffff:a.b.c.d; all zero: none
	Service Symbols

	Protocol      Symbols
	Version       Symbols
	Type          Symbols
	Domain        Symbols
	Resource      Text
	Endpoint      Symbols
	RequestID     Text
	XRequestID    Text
	XResponseID   Text
	Status        Fixed[Status]
	Code          Fixed[int32]
	StatusMessage Text
	RequestSize   Fixed[uint64]
	ResponseSize  Fixed[uint64]

	ClientIP        Fixed[[16]byte]
	ServerIP        Fixed[[16]byte]
	ClientPort      Fixed[uint16]
	ServerPort      Fixed[uint16]
	Transport       Fixed[uint8]
	RequestSeq      Fixed[uint32]
	ResponseSeq     Fixed[uint32]
	Flow            Fixed[uint64]
	Retransmissions Fixed[uint16]
	Tunnel          Symbols
	Interface       Symbols
	InterfaceType   Symbols
	TLS             Fixed[uint8]

	PID         Fixed[uint32]
	TID         Fixed[uint32]
	Comm        Symbols
	Goroutine   Fixed[uint64]
	Passage     Fixed[uint64]
	PassageRule Fixed[PassageRule]
	SyscallReq  Fixed[uint64]
	SyscallResp Fixed[uint64]
	CaptureSeq  Fixed[uint64]

	Entity       Fixed[uint64]
	ClientEntity Fixed[uint64]
	ServerEntity Fixed[uint64]
	OTelResource Fixed[uint64]

	ScopeName    Symbols
	ScopeVersion Symbols
	Rest         Symbols
	Attributes   Attributes
	Events       Text
	Links        Text

	// Edges between groups that only the agent knows (see Edge). Edges that follow from a
	// single row are added by the store's writer.
	Edges []Edge
	// OTelResources that rows of this batch refer to and that the receiver may not have
	// seen yet. Sending one again is harmless.
	OTelResources []Resource
}

// NamedColumn is a column and its name in the store and on the wire.
type NamedColumn struct {
	Name string
	Data Column
}

// Columns lists the columns. A new column is a field of Batch, a line here, a line in Append and one
// in row, and in pkg/store one of details, or a column in sql where searches ask for it.
func (b *Batch) Columns() []NamedColumn {
	return []NamedColumn{
		{"id", &b.ID}, {"source", &b.Source}, {"point", &b.Point}, {"kind", &b.Kind},
		{"trace_id", &b.TraceID}, {"span_id", &b.SpanID}, {"parent_span_id", &b.ParentSpanID}, {"trace_state", &b.TraceState},
		{"start", &b.Start}, {"duration", &b.Duration}, {"response_start", &b.ResponseStart}, {"request_end", &b.RequestEnd},
		{"agent", &b.Agent}, {"node", &b.Node}, {"pod_ip", &b.PodIP}, {"service", &b.Service},
		{"protocol", &b.Protocol}, {"version", &b.Version}, {"type", &b.Type}, {"domain", &b.Domain},
		{"request_resource", &b.Resource}, {"endpoint", &b.Endpoint}, {"request_id", &b.RequestID},
		{"x_request_id", &b.XRequestID}, {"x_response_id", &b.XResponseID},
		{"status", &b.Status}, {"code", &b.Code}, {"status_message", &b.StatusMessage},
		{"request_size", &b.RequestSize}, {"response_size", &b.ResponseSize},
		{"client_ip", &b.ClientIP}, {"server_ip", &b.ServerIP}, {"client_port", &b.ClientPort}, {"server_port", &b.ServerPort},
		{"transport", &b.Transport}, {"request_seq", &b.RequestSeq}, {"response_seq", &b.ResponseSeq}, {"flow", &b.Flow}, {"retransmissions", &b.Retransmissions},
		{"tunnel", &b.Tunnel}, {"interface", &b.Interface}, {"interface_type", &b.InterfaceType}, {"tls", &b.TLS},
		{"pid", &b.PID}, {"tid", &b.TID}, {"comm", &b.Comm}, {"goroutine", &b.Goroutine}, {"passage", &b.Passage}, {"passage_rule", &b.PassageRule},
		{"syscall_trace_id_request", &b.SyscallReq}, {"syscall_trace_id_response", &b.SyscallResp}, {"capture_seq", &b.CaptureSeq},
		{"entity", &b.Entity}, {"client_entity", &b.ClientEntity}, {"server_entity", &b.ServerEntity}, {"otel_resource", &b.OTelResource},
		{"scope_name", &b.ScopeName}, {"scope_version", &b.ScopeVersion}, {"otlp_rest", &b.Rest}, {"attributes", &b.Attributes},
		{"events", &b.Events}, {"links", &b.Links},
	}
}

// Len is the number of spans.
func (b *Batch) Len() int { return len(b.ID) }

// Truncate keeps the first rows spans; it also drops cells of a row that was begun. The
// string table, edges and resources stay.
func (b *Batch) Truncate(rows int) {
	for _, c := range b.Columns() {
		if c.Data.Len() > rows {
			c.Data.Truncate(rows)
		}
	}
	b.Attributes.Truncate(rows) // pairs of a row not closed
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Truncate(0)
	b.Strings.Reset()
	b.Edges = b.Edges[:0]
	b.OTelResources = b.OTelResources[:0]
}

// Check reports the first column whose number of rows is not the batch's, or a reference
// beyond the string table.
func (b *Batch) Check() error {
	for _, c := range b.Columns() {
		if c.Data.Len() != b.Len() {
			return fmt.Errorf("column %s has %d rows, want %d", c.Name, c.Data.Len(), b.Len())
		}
		refs := Symbols(nil)
		switch d := c.Data.(type) {
		case *Symbols:
			refs = *d
		case *Attributes:
			refs = d.Keys
			last := uint64(0)
			for _, e := range d.Ends {
				if e < last {
					return fmt.Errorf("column %s: row ends go back from %d to %d", c.Name, last, e)
				}
				last = e
			}
			if last != uint64(len(d.Keys)) || len(d.Keys) != d.Values.Len() || len(d.Keys) != len(d.Types) {
				return fmt.Errorf("column %s: %d keys, %d values, %d types, last row ends at %d", c.Name, len(d.Keys), d.Values.Len(), len(d.Types), last)
			}
		}
		for _, r := range refs {
			if int(r) >= b.Strings.Len() {
				return fmt.Errorf("column %s refers to string %d of %d", c.Name, r, b.Strings.Len())
			}
		}
	}
	return nil
}

// AppendBatch appends all of src, which stays as it is.
func (b *Batch) AppendBatch(src *Batch) {
	remap := make([]Ref, src.Strings.Len())
	for i, s := range src.Strings.Strings() {
		remap[i] = b.Strings.Ref(s)
	}
	from := src.Columns()
	for i, c := range b.Columns() {
		c.Data.appendFrom(from[i].Data, remap)
	}
	b.Edges = append(b.Edges, src.Edges...)
	b.OTelResources = append(b.OTelResources, src.OTelResources...)
}

// Append appends one span.
func (b *Batch) Append(s *Span) {
	sym := func(c *Symbols, v string) { c.Add(b.ref(*c, v)) }
	b.ID.Add(s.ID)
	b.Source.Add(s.Source)
	b.Point.Add(s.Point)
	b.Kind.Add(s.Kind)
	b.TraceID.Add(s.TraceID)
	b.SpanID.Add(s.SpanID)
	b.ParentSpanID.Add(s.ParentSpanID)
	b.TraceState.AddString(s.TraceState)
	b.Start.Add(s.Start)
	b.Duration.Add(s.Duration)
	b.ResponseStart.Add(s.ResponseStart)
	b.RequestEnd.Add(s.RequestEnd)
	sym(&b.Agent, s.Agent)
	sym(&b.Node, s.Node)
	b.PodIP.Add(As16(s.PodIP))
	sym(&b.Service, s.Service)
	sym(&b.Protocol, s.Protocol)
	sym(&b.Version, s.Version)
	sym(&b.Type, s.Type)
	sym(&b.Domain, s.Domain)
	b.Resource.AddString(s.Resource)
	sym(&b.Endpoint, s.Endpoint)
	b.RequestID.AddString(s.RequestID)
	b.XRequestID.AddString(s.XRequestID)
	b.XResponseID.AddString(s.XResponseID)
	b.Status.Add(s.Status)
	b.Code.Add(s.Code)
	b.StatusMessage.AddString(s.StatusMessage)
	b.RequestSize.Add(s.RequestSize)
	b.ResponseSize.Add(s.ResponseSize)
	b.ClientIP.Add(As16(s.Client.Addr()))
	b.ServerIP.Add(As16(s.Server.Addr()))
	b.ClientPort.Add(s.Client.Port())
	b.ServerPort.Add(s.Server.Port())
	b.Transport.Add(s.Transport)
	b.RequestSeq.Add(s.RequestSeq)
	b.ResponseSeq.Add(s.ResponseSeq)
	b.Flow.Add(s.Flow)
	b.Retransmissions.Add(s.Retransmissions)
	sym(&b.Tunnel, s.Tunnel)
	sym(&b.Interface, s.Interface)
	sym(&b.InterfaceType, s.InterfaceType)
	tls := uint8(0)
	if s.TLS {
		tls = 1
	}
	b.TLS.Add(tls)
	b.PID.Add(s.PID)
	b.TID.Add(s.TID)
	sym(&b.Comm, s.Comm)
	b.Goroutine.Add(s.Goroutine)
	b.Passage.Add(s.Passage)
	b.PassageRule.Add(s.PassageRule)
	b.SyscallReq.Add(s.SyscallReq)
	b.SyscallResp.Add(s.SyscallResp)
	b.CaptureSeq.Add(s.CaptureSeq)
	b.Entity.Add(s.Entity)
	b.ClientEntity.Add(s.ClientEntity)
	b.ServerEntity.Add(s.ServerEntity)
	b.OTelResource.Add(s.OTelResource)
	sym(&b.ScopeName, s.ScopeName)
	sym(&b.ScopeVersion, s.ScopeVersion)
	sym(&b.Rest, s.Rest)
	for _, a := range s.Attributes {
		b.Attributes.AddPair(b.Strings.Ref(a.Key), []byte(a.Value), a.Type)
	}
	b.Attributes.EndRow()
	b.Events.AddString(s.Events)
	b.Links.AddString(s.Links)
}

// ref is the reference of a column's next string. Most are those of the row before, or empty: that
// spares the table's look-up.
func (b *Batch) ref(c Symbols, s string) Ref {
	if s == "" {
		return 0
	}
	if n := len(c); n > 0 {
		if r := c[n-1]; b.Strings.String(r) == s {
			return r
		}
	}
	return b.Strings.Ref(s)
}

// cursor is where the rows of the columns of variable size are.
type cursor struct {
	traceState, resource, requestID, xRequest, xResponse, message, values, events, links int
	pairs                                                                                uint64
}

func next(c *Text, at *int) string {
	v, n := c.Next(*at)
	*at = n
	return string(v)
}

// Spans yields the spans in order, each as a new value.
func (b *Batch) Spans() iter.Seq[*Span] {
	return func(yield func(*Span) bool) {
		var at cursor
		for i := range b.Len() {
			if !yield(b.row(i, &at)) {
				return
			}
		}
	}
}

func (b *Batch) row(i int, at *cursor) *Span {
	sym := func(c Symbols) string { return b.Strings.String(c[i]) }
	s := &Span{
		ID: b.ID[i], Source: b.Source[i], Point: b.Point[i], Kind: b.Kind[i],
		TraceID: b.TraceID[i], SpanID: b.SpanID[i], ParentSpanID: b.ParentSpanID[i], TraceState: next(&b.TraceState, &at.traceState),
		Start: b.Start[i], Duration: b.Duration[i], ResponseStart: b.ResponseStart[i], RequestEnd: b.RequestEnd[i],
		Agent: sym(b.Agent), Node: sym(b.Node), PodIP: From16(b.PodIP[i]), Service: sym(b.Service),
		Protocol: sym(b.Protocol), Version: sym(b.Version), Type: sym(b.Type), Domain: sym(b.Domain),
		Resource: next(&b.Resource, &at.resource), Endpoint: sym(b.Endpoint), RequestID: next(&b.RequestID, &at.requestID),
		XRequestID: next(&b.XRequestID, &at.xRequest), XResponseID: next(&b.XResponseID, &at.xResponse),
		Status: b.Status[i], Code: b.Code[i], StatusMessage: next(&b.StatusMessage, &at.message),
		RequestSize: b.RequestSize[i], ResponseSize: b.ResponseSize[i],
		Client: AddrPort(b.ClientIP[i], b.ClientPort[i]), Server: AddrPort(b.ServerIP[i], b.ServerPort[i]),
		Transport: b.Transport[i], RequestSeq: b.RequestSeq[i], ResponseSeq: b.ResponseSeq[i], Flow: b.Flow[i], Retransmissions: b.Retransmissions[i],
		Tunnel: sym(b.Tunnel), Interface: sym(b.Interface), InterfaceType: sym(b.InterfaceType), TLS: b.TLS[i] != 0,
		PID: b.PID[i], TID: b.TID[i], Comm: sym(b.Comm), Goroutine: b.Goroutine[i], Passage: b.Passage[i], PassageRule: b.PassageRule[i],
		SyscallReq: b.SyscallReq[i], SyscallResp: b.SyscallResp[i], CaptureSeq: b.CaptureSeq[i],
		Entity: b.Entity[i], ClientEntity: b.ClientEntity[i], ServerEntity: b.ServerEntity[i], OTelResource: b.OTelResource[i],
		ScopeName: sym(b.ScopeName), ScopeVersion: sym(b.ScopeVersion), Rest: sym(b.Rest),
		Events: next(&b.Events, &at.events), Links: next(&b.Links, &at.links),
	}
	for ; at.pairs < b.Attributes.Ends[i]; at.pairs++ {
		s.Attributes = append(s.Attributes, Attribute{
			Key: b.Strings.String(b.Attributes.Keys[at.pairs]), Value: next(&b.Attributes.Values, &at.values), Type: b.Attributes.Types[at.pairs],
		})
	}
	return s
}

// As16 is an address as it is stored: IPv4 as ::ffff:a.b.c.d, none as all zero.
func As16(a netip.Addr) [16]byte {
	if !a.IsValid() {
		return [16]byte{}
	}
	return a.As16()
}

// From16 is the inverse of As16; an IPv4-mapped address becomes IPv4.
func From16(b [16]byte) netip.Addr {
	if b == [16]byte{} {
		return netip.Addr{}
	}
	return netip.AddrFrom16(b).Unmap()
}

// AddrPort is the address and port of two cells.
func AddrPort(ip [16]byte, port uint16) netip.AddrPort {
	a := From16(ip)
	if !a.IsValid() && port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, port)
}
