package tag

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// answer is the span of a DNS question that a client asked, at a moment in seconds.
func answer(seconds int, client, resolver, name, addresses string) span.Span {
	return span.Span{Source: span.SYS, Point: span.PointClientProcess, Protocol: dns, Start: int64(seconds) * int64(time.Second), Duration: uint64(time.Millisecond), Node: "node0",
		PodIP: addr(client).Addr(), Client: addr(client), Server: addr(resolver), Attributes: []span.Attribute{
			{Key: "dns.question.name", Value: name}, {Key: "dns.answers", Value: addresses, Type: span.AttributeJSON}}}
}

func call(seconds int, client, server string) span.Span {
	return span.Span{Source: span.SYS, Point: span.PointClientProcess, Start: int64(seconds) * int64(time.Second), Node: "node0", PodIP: addr(client).Addr(), Client: addr(client), Server: addr(server)}
}

// Who is asked outside of what is known is called as the client called it, where that is certain.
func TestExternalServersHaveTheNamesTheyWereAskedBy(t *testing.T) {
	t.Parallel()
	const shop, loader, resolver = "10.244.0.10:4000", "10.244.1.10:4000", "192.168.0.53:53"
	const hour = 3600
	tagger := New(webshopSource(t), nil)
	before := []span.Span{
		answer(10, shop, resolver, "API.stripe.com.", `["203.0.113.1","203.0.113.2","2001:db8::1"]`),
		answer(10, shop, resolver, "a.cdn.example", `["203.0.113.9"]`),
		answer(10, shop, resolver, "old.example", `["203.0.113.8"]`),
		answer(10+2*hour, shop, resolver, "b.cdn.example", `["203.0.113.9"]`),
		answer(10+2*hour, shop, resolver, "new.example", `["203.0.113.8"]`),
		answer(10+2*hour, shop, resolver, "a.cdn.example", `["203.0.113.9"]`),
		answer(20, shop, resolver, "web-shop.example", `["10.244.0.10"]`), // that is a pod
		answer(20, shop, resolver, "odd.example", `{"not": "a list"}`),
		answer(20, shop, resolver, "odd.example", `["no address","203.0.113.7"]`),
		answer(20, shop, resolver, "localhost", `["127.0.0.1"]`),
		answer(20, shop, resolver, "nothing.example", ``),
		answer(20, "192.168.0.1:4000", "127.0.0.53:53", "hub.example", `["203.0.113.5"]`),
	}
	before[11].Client = addr("127.0.0.1:4000") // the resolver of the node itself
	tagged(t, tagger, batch(before...))
	// A pod that no source knows, and whose address the node puts its own in place of.
	tagged(t, tagger, batch(answer(20, "10.244.7.7:4000", resolver, "behind.example", `["203.0.113.6"]`)))
	translated := call(40, "192.168.0.1:4000", "203.0.113.6:443")
	translated.Source, translated.Point = span.NET, span.PointClientNode
	for _, c := range []struct {
		what string
		span span.Span
		want string
	}{
		{"its name, without case and final point", call(40, shop, "203.0.113.1:443"), "api.stripe.com"},
		{"its other address", call(40, shop, "203.0.113.2:443"), "api.stripe.com"},
		{"its address of IPv6", call(40, shop, "[2001:db8::1]:443"), "api.stripe.com"},
		{"another day, over a connection that lasts", call(30*hour, shop, "203.0.113.1:443"), "api.stripe.com"},
		{"before it was asked for", call(5, shop, "203.0.113.1:443"), ""},
		{"somebody else, who did not ask", call(40, loader, "203.0.113.1:443"), ""},
		{"when there was one name", call(40, shop, "203.0.113.9:443"), "a.cdn.example"},
		{"one of two names", call(20+2*hour, shop, "203.0.113.9:443"), ""},
		{"the address was given to another", call(20+2*hour, shop, "203.0.113.8:443"), "new.example"},
		{"an answer that is none", call(40, shop, "203.0.113.7:443"), ""},
		{"the node's own resolver", call(40, "192.168.0.1:5000", "203.0.113.5:443"), "hub.example"},
		{"behind the node's address", translated, "behind.example"},
	} {
		b := batch(c.span)
		var got *span.Entity
		for _, e := range tagged(t, tagger, b) {
			if e.ID == b.ServerEntity[0] {
				got = &e
			}
		}
		if got == nil || got.Type != span.External || got.Service != c.want || got.IP != c.span.Server.Addr().String() {
			t.Errorf("%s: %+v, want %q", c.what, got, c.want)
		}
	}
	known := batch(call(40, loader, "10.244.0.10:80"))
	if all := tagged(t, tagger, known); who(known, all)[0] != `SYS: pod loadgenerator; pod loadgenerator -> pod web-shop; service "loadgenerator"` {
		t.Errorf("what a source knows is %s", who(known, all)[0])
	}
	// In one batch the answer may come behind.
	b := batch(call(50, loader, "203.0.113.44:443"), answer(49, loader, resolver, "late.example", `["203.0.113.44"]`))
	named := ""
	for _, e := range tagged(t, tagger, b) {
		if e.ID == b.ServerEntity[0] {
			named = e.Service
		}
	}
	if named != "late.example" {
		t.Errorf("one batch: %q", named)
	}
}

// Whoever asks for whatever, what is kept is bounded, and what is in use stays.
func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	tagger := New(webshopSource(t), nil)
	const used = "203.0.113.1:443"
	tagged(t, tagger, batch(answer(1, "10.244.0.10:4000", "192.168.0.53:53", "used.example", `["203.0.113.1"]`)))
	for i := range 40 {
		spans := make([]span.Span, 2500)
		for k := range spans {
			var ip [4]byte
			binary.BigEndian.PutUint32(ip[:], 0x0b000000+uint32(i*len(spans)+k))
			spans[k] = answer(i, "10.244.0.10:4000", "192.168.0.53:53", fmt.Sprintf("n%d-%d.example", i, k), fmt.Sprintf("[%q]", netip.AddrFrom4(ip)))
		}
		tagged(t, tagger, batch(spans...))
		b := batch(call(60, "10.244.0.10:4000", used))
		tagged(t, tagger, b)
		if want := tagger.external(called{b.ServerIP[0], "used.example"}).ID; b.ServerEntity[0] != want {
			t.Fatal("a name in use is forgotten")
		}
	}
	if n := len(tagger.names.young) + len(tagger.names.old); n > 3*maxAsked {
		t.Errorf("%d addresses are kept", n)
	}
	many := []span.Span{}
	for i := range 20 {
		many = append(many, answer(1, "10.244.0.10:4000", "192.168.0.53:53", fmt.Sprintf("tenant%d.example", i), `["203.0.113.99"]`))
	}
	tagged(t, tagger, batch(many...))
	a := tagger.names.of(asked{client: span.As16(netip.MustParseAddr("10.244.0.10")), addr: span.As16(netip.MustParseAddr("203.0.113.99"))})
	if len(a.names) > maxSpoken || a.name(1e10) != "" {
		t.Errorf("an address of many names: %+v", a)
	}
}
