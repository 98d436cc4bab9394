package sys

import (
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

const transportTCP = 6

// requested takes a request whose header is complete.
func (c *Capture) requested(s *socket, r *session.Session) {
	s.open++
	if r.LocalIsClient {
		r.Tag = r.Request.First.Tag
		if p := c.passages.byID[r.Tag]; p != nil && !p.shared && !p.process.handsOff {
			r.User = p // it may be over before the answer comes
			return
		}
		r.Tag = 0
		if p := c.passages.Named(s.process, r.L7.XRequestID); p != nil {
			r.User = namedCall{p}
		}
		return
	}
	head := &r.Request.Head
	who := executor{pid: head.PID, id: uint64(head.TID)}
	switch s.process.kind {
	case goroutines:
		who.id, who.goroutine = head.Goroutine, true
	case unknownKind:
		who.id = 0
	}
	p := c.passages.Begin(who, s, r.L7.TraceID, c.mono)
	s.serving = p
	if p != nil {
		r.Tag, r.User = p.id, p
		c.passages.Name(p, r.L7.XRequestID)
	}
}

// finished takes a session that is complete or given up.
func (c *Capture) finished(s *socket, r *session.Session) {
	s.open--
	if r.End == session.Mistaken {
		if p, ok := r.User.(*passage); ok && !r.LocalIsClient {
			c.passages.Gone(p, c.mono)
		}
		return
	}
	s.reported++
	sp := &c.span
	c.describe(sp, s, r)
	p, _ := r.User.(*passage)
	if p != nil && !r.LocalIsClient && s.process.kind == threads && r.HasResponse && uint64(r.Response.First.TID) != p.executor.id {
		c.passages.HandedOff(p)
	}
	claim(sp, p)
	c.config.Sink(sp)
	c.counts.spans.Add(1)
	if e, ok := r.Told.Completes(sp); ok {
		c.edge(e)
	}
	if p != nil && !r.LocalIsClient {
		c.passages.End(p, sp.Group(), c.mono, c.edge)
		return
	}
	c.join(sp, r)
}

// join joins a c-p to its passage.
func (c *Capture) join(sp *span.Span, r *session.Session) {
	switch of := r.User.(type) {
	case *passage:
		c.passages.Join(of, sp.Group(), sp.Start, c.edge)
	case namedCall:
		c.passages.JoinNamed(of.passage, sp.Group(), sp.Start, c.edge)
	}
}

// lasts takes a session that is not over.
func (c *Capture) lasts(s *socket, r *session.Session) {
	sp := &c.span
	c.describe(sp, s, r)
	p, _ := r.User.(*passage)
	claim(sp, p)
	c.config.Sink(sp)
	c.counts.spans.Add(1)
	first := r.Told.ID == 0
	r.Told = session.Told{ID: sp.ID, Group: sp.Group()}
	switch {
	case !first:
	case r.LocalIsClient:
		c.join(sp, r)
	case p != nil:
		c.passages.Lasts(p, sp.Group(), c.edge)
	}
}

func (c *Capture) edge(e span.Edge) {
	c.counts.edges.Add(1)
	c.config.Edge(e)
}

// claim says to which passage a span belongs, where that is known.
func claim(sp *span.Span, p *passage) {
	switch {
	case p == nil:
	case p.process.handsOff:
		sp.SyscallReq = 0
	default:
		sp.Passage = p.id
	}
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
		Status: f.Status, Code: f.Code, StatusMessage: f.StatusMessage, Attributes: f.Attributes,
		RequestSize: req.Size, ResponseSize: resp.Size,
		Client: r.Client, Server: r.Server, Transport: transportTCP,
		RequestSeq: req.Seq, Flow: s.inode,
		PID: req.Head.PID, TID: req.Head.TID, Goroutine: req.Head.Goroutine, Comm: s.process.comm,
		SyscallReq: r.Tag, CaptureSeq: s.reported,
	}
	if r.LocalIsClient {
		sp.Point, sp.Start = span.PointClientProcess, req.FirstEnter
		sp.PID, sp.TID, sp.Goroutine = req.First.PID, req.First.TID, req.First.Goroutine
	}
	sp.RequestEnd = uint64(max(req.LastExit-sp.Start, 0))
	end := req.LastExit
	if r.HasResponse {
		sp.ResponseSeq, sp.SyscallResp = resp.Seq, resp.First.Tag
		begin := resp.FirstEnter
		end = resp.LastEnter // the client may have read it before the server's write returns
		if r.LocalIsClient {
			begin, end = resp.FirstExit, resp.LastExit
		}
		sp.ResponseStart = uint64(max(begin-sp.Start, 0))
	} else {
		sp.ResponseSeq = r.AnswerSeq
		end = max(end, r.Ended)
	}
	if r.End == session.Open {
		end = r.Ended
	}
	sp.Duration = uint64(max(end-sp.Start, 0))
}
