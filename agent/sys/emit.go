package sys

import (
	"github.com/throughline-io/throughline/agent/causality"
	"github.com/throughline-io/throughline/agent/session"
	"github.com/throughline-io/throughline/pkg/span"
)

const transportTCP = 6

// requested takes a request whose header is complete.
func (c *Capture) requested(s *socket, r *session.Session) {
	s.open++
	if r.LocalIsClient {
		r.Tag = r.Request.First.Tag
		if causality.Claim(r.Tag).Guess() && !r.L7.TraceID.IsZero() {
			r.Tag = 0
		}
		if p := c.causes.Take(causality.Claim(r.Tag)); p != nil {
			r.User = p
			return
		}
		r.Tag = 0
		if p := c.causes.Named(&s.process.cause, r.L7.XRequestID); p != nil {
			r.User = namedCall{p}
		}
		return
	}
	if p := c.causes.Begin(c.heard(s, r), &s.cause, r.L7.TraceID); p != nil {
		r.Tag, r.User = p.ID, p
		c.causes.Name(p, r.L7.XRequestID)
	}
}

// namedCall is a c-p that has a passage by its X-Request-ID only.
type namedCall struct{ *causality.Passage }

// heard is the call that completed a request's header.
func (c *Capture) heard(s *socket, r *session.Session) *causality.Moment {
	head, p := &r.Request.Head, s.process
	m := &causality.Moment{Process: &p.cause, Executor: causality.Executor{PID: head.PID}, Thread: head.TID, Time: c.moment.Time}
	switch p.cause.Runtime {
	case causality.Go:
		m.Executor.ID, m.Executor.Goroutine = head.Goroutine, true
	case causality.Threads:
		m.Executor.ID = uint64(head.TID)
	}
	if m.Executor == c.moment.Executor && m.Thread == c.moment.Thread {
		m.Slice, m.Parent = c.moment.Slice, c.moment.Parent
	}
	return m
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
	p, _ := r.User.(*causality.Passage)
	if p != nil && !r.LocalIsClient && r.HasResponse {
		c.causes.AnsweredBy(p, r.Response.First.TID)
	}
	claim(sp, p)
	c.config.Sink(sp)
	c.counts.spans.Add(1)
	if e, ok := r.Told.Completes(sp); ok {
		c.edge(e)
	}
	if p != nil && !r.LocalIsClient {
		c.causes.End(p, sp.Group(), c.moment.Time)
		return
	}
	c.join(sp, r)
}

// join joins a c-p to its passage.
func (c *Capture) join(sp *span.Span, r *session.Session) {
	switch of := r.User.(type) {
	case *causality.Passage:
		c.causes.Join(of, sp.Group(), sp.Start)
	case namedCall:
		c.causes.JoinNamed(of.Passage, sp.Group(), sp.Start)
	}
}

// lasts takes a session that is not over.
func (c *Capture) lasts(s *socket, r *session.Session) {
	sp := &c.span
	c.describe(sp, s, r)
	p, _ := r.User.(*causality.Passage)
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
		c.causes.Lasts(p, sp.Group())
	}
}

func (c *Capture) edge(e span.Edge) {
	c.counts.edges.Add(1)
	c.config.Edge(e)
}

// claim says to which passage a span belongs, where that is known.
func claim(sp *span.Span, p *causality.Passage) {
	switch {
	case p == nil:
	case !p.Holds():
		sp.SyscallReq = 0
	default:
		sp.Passage = p.ID
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
		SyscallReq: causality.Claim(r.Tag).Passage(), CaptureSeq: s.reported,
	}
	if r.LocalIsClient {
		sp.Point, sp.Start = span.PointClientProcess, req.FirstEnter
		sp.PID, sp.TID, sp.Goroutine = req.First.PID, req.First.TID, req.First.Goroutine
	}
	sp.RequestEnd = uint64(max(req.LastExit-sp.Start, 0))
	end := req.LastExit
	if r.HasResponse {
		sp.ResponseSeq, sp.SyscallResp = resp.Seq, causality.Claim(resp.First.Tag).Passage()
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
