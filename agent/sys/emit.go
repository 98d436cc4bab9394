package sys

import (
	"hash/maphash"
	"net/netip"
	"slices"

	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/flow"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

const transportTCP = 6

// requested takes a request whose header is complete.
func (c *Capture) requested(s *socket, r *session.Session) {
	s.open++
	if r.LocalIsClient {
		first := causality.Claim(r.Request.First.Tag)
		if !c.causes.Fits(first, r.L7.TraceID) || r.AtOnce && first.Rule() == span.RuleThread {
			first = 0 // a thread that writes to a connection of many writes for others, too
		}
		named := c.causes.Named(&s.process.cause, r.L7.XRequestID)
		if named != nil && first.Inferred() && first.Passage() != named.ID {
			first = 0 // the program says whose it is
		}
		began := c.at(s, &r.Request.First)
		began.Among = r.AtOnce
		p, claim := c.causes.Call(first, began, &s.cause, kindOf(s, r))
		if r.Tag = uint64(claim); p != nil {
			r.User = p
			return
		}
		if named != nil {
			r.User = namedCall{named}
		} else if strand := s.cause.Strand(); strand != nil {
			r.User = strand
		}
		return
	}
	c.processes.Serves(s.process)
	s.process.serves(r.Request.Head.TID)
	begin := c.causes.Begin
	if r.AtOnce {
		begin = c.causes.BeginAmong
	}
	if p := begin(c.at(s, &r.Request.Head), &s.cause, r.L7.TraceID); p != nil {
		r.Tag, r.User = p.ID, p
		c.causes.Name(p, r.L7.XRequestID)
	}
}

// namedCall is a c-p that has a passage by its X-Request-ID only.
type namedCall struct{ *causality.Passage }

// at is the moment of a call that is part of what is known now.
func (c *Capture) at(s *socket, call *session.Call) *causality.Moment {
	p := &s.process.cause
	c.past = causality.Moment{Process: p, Executor: p.On(s.process.pid, call.TID, call.Goroutine), Thread: call.TID, Peer: s.peer(), Time: c.moment.Time}
	if c.past.Executor == c.moment.Executor && c.past.Thread == c.moment.Thread {
		c.past.Slice, c.past.Parent, c.past.Task = c.moment.Slice, c.moment.Parent, c.moment.Task
	}
	return &c.past
}

var kindSeed = maphash.MakeSeed()

// kindOf is whom a call asks for what, in words of low cardinality.
func kindOf(s *socket, r *session.Session) uint64 {
	return maphash.Comparable(kindSeed, struct {
		whom          netip.AddrPort
		typ, endpoint string
	}{s.peer(), r.L7.Type, r.L7.Endpoint})
}

// finished takes a session that is complete or given up.
func (c *Capture) finished(s *socket, r *session.Session) {
	s.open--
	if r.End == session.Mistaken {
		if p, ok := r.User.(*causality.Passage); ok && !r.LocalIsClient {
			c.causes.Gone(p, c.moment.Time)
		}
		return
	}
	s.reported++
	sp := &c.span
	c.describe(sp, s, r)
	if s.tied() && sp.RequestSeq != 0 && sp.ResponseSeq != 0 {
		c.config.Flows.Publish(sp, flow.Range{From: sp.RequestSeq, To: r.Request.WireEnd}, flow.Range{From: sp.ResponseSeq, To: r.Response.WireEnd})
	}
	p, _ := r.User.(*causality.Passage)
	switch {
	case p == nil || r.LocalIsClient || !r.HasResponse:
	case r.AtOnce:
		c.causes.Answered(p, r.Response.FirstEnter)
	default:
		c.causes.AnsweredBy(p, r.Response.First.TID)
	}
	of := c.caused(sp, r)
	strand, _ := r.User.(*causality.Strand)
	if !c.waits(sp, strand, r.Response.First.Exit) {
		c.sink(sp)
	}
	if e, ok := r.Told.Completes(sp); ok {
		c.edge(e)
	}
	if r.LocalIsClient {
		c.join(of, sp, r)
		switch read := r.HasResponse && r.Response.LastExit == c.segment.Exit; {
		case strand != nil && read:
			c.causes.BackIn(strand, &c.moment)
		case strand != nil:
			c.causes.Lost(strand)
		case !read:
		default:
			c.causes.Back(of, causality.Claim(r.Tag), &c.moment)
		}
	} else if p != nil {
		c.causes.End(p, sp.Group(), c.moment.Time)
	}
}

// caused says in a span to which passage it belongs, and how that is known. Of a call the passage is
// returned, also where only its X-Request-ID tells it.
func (c *Capture) caused(sp *span.Span, r *session.Session) *causality.Passage {
	switch p := r.User.(type) {
	case namedCall:
		return p.Passage
	case *causality.Passage:
		claim := causality.Claim(r.Tag)
		if r.LocalIsClient && !c.causes.Holds(claim, p, r.Response.First.Exit, &c.moment) {
			sp.SyscallReq = 0
			return nil
		}
		sp.Passage, sp.PassageRule = p.ID, claim.Rule()
		return p
	case *causality.Strand:
		if of, claim := c.strandOf(p, r.L7.TraceID, r.Response.First.Exit); of != nil {
			r.Tag, sp.SyscallReq, sp.Passage, sp.PassageRule = uint64(claim), of.ID, of.ID, claim.Rule()
			return of
		}
	}
	return nil
}

// join joins a c-p to its passage.
func (c *Capture) join(p *causality.Passage, sp *span.Span, r *session.Session) {
	switch r.User.(type) {
	case namedCall:
		c.causes.JoinNamed(p, sp.Group(), sp.Start)
	case *causality.Passage, *causality.Strand:
		if p != nil {
			c.causes.Join(p, causality.Claim(r.Tag), sp.Group(), sp.Start)
		}
	}
}

// lasts takes a session that is not over.
func (c *Capture) lasts(s *socket, r *session.Session) {
	sp := &c.span
	c.describe(sp, s, r)
	of := c.caused(sp, r)
	c.sink(sp)
	first := r.Told.ID == 0
	r.Told = session.Told{ID: sp.ID, Group: sp.Group()}
	switch {
	case !first:
	case r.LocalIsClient:
		c.join(of, sp, r)
	case of != nil:
		c.causes.Lasts(of, sp.Group())
	}
}

func (c *Capture) sink(sp *span.Span) {
	c.counts.spans.Add(1)
	c.config.Sink(sp)
}

func (c *Capture) edge(e span.Edge) {
	c.counts.edges.Add(1)
	c.config.Edge(e)
}

// describe fills a span with all of a session but its passage.
func (c *Capture) describe(sp *span.Span, s *socket, r *session.Session) {
	req, resp, f := &r.Request, &r.Response, &r.L7
	*sp = span.Span{
		ID: r.Told.ID, Source: span.SYS, Point: span.PointServerProcess,
		TraceID: f.TraceID, SpanID: f.SpanID, TraceState: f.TraceState,
		Start: req.FirstExit, PodIP: c.podIP(s),
		Protocol: f.Protocol, Version: f.Version, Type: f.Type, Domain: f.Domain,
		Resource: f.Resource, Endpoint: f.Endpoint,
		RequestID: f.RequestID, XRequestID: f.XRequestID, XResponseID: f.XResponseID,
		Status: f.Status, Code: f.Code, StatusMessage: f.StatusMessage, Attributes: f.Attributes, Links: f.Links,
		RequestSize: req.Size, ResponseSize: resp.Size,
		Client: r.Client, Server: r.Server, Transport: transportTCP,
		RequestSeq: req.Seq, Flow: s.inode,
		PID: req.Head.PID, TID: req.Head.TID, Goroutine: req.Head.Goroutine, Comm: s.process.comm, OTelResource: s.process.of,
		SyscallReq: causality.Claim(r.Tag).Passage(), CaptureSeq: s.reported,
	}
	if s.datagram {
		sp.Transport = transportUDP
	}
	if s.tied() {
		sp.RequestSeq, sp.TLS, sp.Attributes = req.Wire, true, s.tls.attributes(f.Attributes)
	}
	if s.ends != nil {
		sp.Transport, sp.Attributes = 0, s.ends.attributesOf(r)
	}
	if a, ok := r.FirstMessage(); ok {
		sp.Attributes = append(slices.Clip(sp.Attributes), a)
	}
	if r.LocalIsClient {
		sp.Point, sp.Start = span.PointClientProcess, req.FirstEnter
		sp.PID, sp.TID, sp.Goroutine = req.First.PID, req.First.TID, req.First.Goroutine
	}
	sp.RequestEnd = uint64(max(req.LastExit-sp.Start, 0))
	end := req.LastExit
	if r.HasResponse {
		sp.ResponseSeq, sp.SyscallResp = resp.Seq, causality.Claim(resp.First.Tag).Passage()
		if !r.LocalIsClient && !r.AtOnce && s.process.cause.Runtime == causality.Go && resp.First.Goroutine == 0 {
			sp.SyscallResp = sp.SyscallReq // who writes an answer of HTTP is not asked; the connection says whose it is
		}
		if s.tied() {
			sp.ResponseSeq = resp.Wire
		}
		begin := resp.FirstEnter
		end = resp.LastEnter // the client may have read it before the server's write returns
		if r.LocalIsClient {
			begin, end = resp.FirstExit, resp.LastExit
		}
		sp.ResponseStart = uint64(max(begin-sp.Start, 0))
	} else {
		if !s.tied() { // inside of TLS the next byte's place is not known before it comes
			sp.ResponseSeq = r.AnswerSeq
		}
		end = max(end, r.Ended)
	}
	if r.End == session.Open {
		end = r.Ended
	}
	sp.Duration = uint64(max(end-sp.Start, 0))
}
