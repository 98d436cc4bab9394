package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// corpus is WebShop traces without end, made faster than a store can take them: the spans of
// one batch are made once, and come again and again with ids and times of their own. Spans of
// code have attributes as SDKs send them, and each trace one that nothing else has (orderKey).
type corpus struct {
	first  span.Batch // as made
	batch  span.Batch // as renewed
	traces int
	step   time.Duration // between the starts of two traces
	orders []int         // where the values of orderKey lie, of each trace
	begins []int         // the first row of each trace
	homes  []int         // of each row, the first one of its trace that has a trace id
	seed   uint64
}

const (
	orderKey   = "order.id"
	tierKey    = "customer.tier" // one of tiers
	envKey     = "deployment.environment.name"
	resources  = 200
	tenantsKey = "tenant.id" // one of 1,000
)

var tiers = []string{"bronze", "silver", "gold"}

func newCorpus(seed uint64, traces int, step time.Duration) *corpus {
	c := &corpus{traces: traces, step: step, seed: seed}
	for i := range resources {
		c.first.OTelResources = append(c.first.OTelResources, span.Resource{ID: 1000 + uint64(i), Attributes: []span.Attribute{
			{Key: "service.name", Value: fmt.Sprintf("svc-%d", i%10), Type: span.AttributeString},
			{Key: "service.instance.id", Value: fmt.Sprintf("svc-%d-%d", i%10, i), Type: span.AttributeString},
			{Key: envKey, Value: []string{"production", "staging"}[i%2], Type: span.AttributeString},
		}})
	}
	shop := tracetest.NewShop(seed)
	for n := range traces {
		spans, ordered := shop.Trace(int64(n)*int64(step)), false
		home := c.first.Len()
		c.begins = append(c.begins, home)
		for i, s := range spans {
			if !s.TraceID.IsZero() {
				home += i
				break
			}
		}
		for i, s := range spans {
			if s.Source == span.APP {
				s.OTelResource = 1000 + (uint64(i)*7+uint64(n))%resources
				s.Attributes = c.attributes(n, i)
				if n%50 == 0 && !ordered {
					s.Status, s.StatusMessage = span.StatusServerError, fmt.Sprintf("item %d is out of stock", n%1000)
				}
				if !ordered {
					s.Attributes = append(s.Attributes, span.Attribute{Key: orderKey, Value: "0123456789abcdef", Type: span.AttributeString})
				}
			}
			c.first.Append(s)
			c.homes = append(c.homes, home)
			if s.Source == span.APP && !ordered {
				ordered = true
				c.orders = append(c.orders, len(c.first.Attributes.Values.Data)-16)
			}
		}
		c.first.Edges = append(c.first.Edges, edges(spans)...)
	}
	c.batch.AppendBatch(&c.first)
	c.batch.Edges = slices.Clone(c.first.Edges)
	return c
}

func (*corpus) attributes(trace, i int) (all []span.Attribute) {
	for _, a := range [][2]string{
		{"http.request.method", "GET"}, {"url.path", fmt.Sprintf("/items/%d", (trace*7+i)%1000)}, {"url.scheme", "http"}, {"http.route", "/items/{id}"},
		{"http.response.status_code", "200"}, {"server.address", fmt.Sprintf("svc-%d", i%10)}, {"network.peer.address", fmt.Sprintf("10.244.%d.%d", i%8, (trace+i)%250)},
		{"network.peer.port", fmt.Sprint(30000 + (trace*100+i)%20000)}, {"user_agent.original", "Go-http-client/1.1"}, {"network.protocol.version", "1.1"},
		{tierKey, tiers[(trace+i)%len(tiers)]}, {tenantsKey, fmt.Sprintf("tenant-%d", (trace*31+i)%1000)},
	} {
		all = append(all, span.Attribute{Key: a[0], Value: a[1], Type: span.AttributeString})
	}
	return all
}

// mixed is a bijection of 64 bits that looks like chance.
func mixed(v uint64) uint64 {
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	v *= 0xc4ceb9fe1a85ec53
	return v ^ v>>33
}

// round is the batch made new for the nth time: the first trace begins at start. It is valid
// until the next.
func (c *corpus) round(n uint64, start int64) *span.Batch {
	key := mixed(c.seed<<40 ^ n + 1)
	from, b := &c.first, &c.batch
	flip := func(id []byte, at int) {
		binary.BigEndian.PutUint64(id[at:], binary.BigEndian.Uint64(id[at:])^key)
	}
	fresh := func(v uint64) uint64 {
		if v == 0 {
			return 0 // none
		}
		return v ^ key>>1 // top bit kept: it is a sign elsewhere
	}
	for i := range b.ID {
		b.Start[i] = from.Start[i] + start
		if b.TraceID[i] = from.TraceID[i]; !b.TraceID[i].IsZero() {
			flip(b.TraceID[i][:], 8)
		}
		if b.SpanID[i] = from.SpanID[i]; !b.SpanID[i].IsZero() {
			flip(b.SpanID[i][:], 0)
		}
		if b.ParentSpanID[i] = from.ParentSpanID[i]; !b.ParentSpanID[i].IsZero() {
			flip(b.ParentSpanID[i][:], 0)
		}
		if from.RequestSeq[i] != 0 {
			b.RequestSeq[i], b.ResponseSeq[i] = from.RequestSeq[i]^uint32(key), from.ResponseSeq[i]^uint32(key>>32)
		}
		b.Passage[i], b.SyscallReq[i], b.SyscallResp[i] = fresh(from.Passage[i]), fresh(from.SyscallReq[i]), fresh(from.SyscallResp[i])
		entropy := mixed(uint64(i)+1) ^ key
		if b.Source[i] == span.APP {
			entropy = span.AppEntropy(b.TraceID[i], b.SpanID[i], b.Kind[i])
		}
		b.ID[i] = span.NewID(b.Start[i], entropy)
	}
	for i, at := range c.orders {
		var order [8]byte
		binary.BigEndian.PutUint64(order[:], mixed(key+uint64(i)))
		hex.Encode(b.Attributes.Values.Data[at:], order[:])
	}
	b.Edges = b.Edges[:0]
	for i := range b.ID {
		if b.Source[i] == span.SYS && b.TraceID[i].IsZero() {
			b.Edges = append(b.Edges, span.Edge{A: span.Group(b.TraceID[i], b.RequestSeq[i], b.ResponseSeq[i], b.Passage[i], b.ID[i]),
				B: span.TraceGroup(b.TraceID[c.homes[i]]), Time: b.Start[i], Kind: span.EdgePassage})
		}
	}
	b.OTelResources = from.OTelResources
	return b
}

// sample is what look-ups of a trace ask for.
type sample struct {
	Trace, OTel, Own, Order string
	Start                   int64
}

// sample is of one of the batch's traces.
func (c *corpus) sample(trace int) sample {
	b, at := &c.batch, c.orders[trace]
	s := sample{Order: string(b.Attributes.Values.Data[at : at+16])}
	for i := c.begins[trace]; i < len(c.homes) && c.homes[i] == c.homes[c.begins[trace]]; i++ {
		s.Trace, s.Start = b.TraceID[c.homes[i]].String(), b.Start[c.homes[i]]
		switch {
		case b.Source[i] == span.APP:
			s.OTel = b.SpanID[i].String()
		case b.Source[i] == span.NET && b.TraceID[i].IsZero():
			s.Own = span.FormatID(b.ID[i])
		}
	}
	return s
}
