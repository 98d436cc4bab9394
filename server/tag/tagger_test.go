package tag

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

const webshop = `
entities:
  - {ip: 10.244.0.10, pod: web-shop, service: web-shop, workload: web-shop, workload_kind: Deployment, namespace: webshop, node: node0}
  - {ip: 10.244.1.10, ips: ["fd00::10"], pod: loadgenerator, service: loadgenerator, namespace: webshop, node: node1}
  - {ip: 192.168.0.1, node: node0}
`

type fixed struct {
	entities map[netip.Addr]span.Entity
	version  uint64
	asked    int
}

func (f *fixed) Scope(string) Scope { return 0 }
func (f *fixed) Lookup(q Question) Answer {
	f.asked++
	e, ok := f.entities[q.Addr]
	return Always(e, ok)
}
func (f *fixed) Pod(name PodName) (span.Entity, bool) {
	e, ok := podsOf(f.entities)[podName{name.Namespace, name.Name}]
	return e, ok
}
func (f *fixed) Version() uint64 { return f.version }

func webshopSource(t testing.TB) *fixed {
	t.Helper()
	m, err := Parse([]byte(webshop))
	if err != nil {
		t.Fatal(err)
	}
	return &fixed{entities: m}
}

func batch(spans ...span.Span) *span.Batch {
	b := new(span.Batch)
	for i := range spans {
		b.Append(&spans[i])
	}
	return b
}

func tagged(t testing.TB, tagger *Tagger, b *span.Batch) []span.Entity {
	t.Helper()
	entities, err := tagger.Tag(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return entities
}

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// who spells the three entities of each row.
func who(b *span.Batch, all []span.Entity) []string {
	byID := map[uint64]string{0: "-"}
	for _, e := range all {
		byID[e.ID] = describe(&e)
		if e.Type == "external" {
			byID[e.ID] = "external " + e.IP
		}
	}
	var out []string
	for s := range b.Spans() {
		out = append(out, fmt.Sprintf("%s: %s; %s -> %s; service %q", s.Source, byID[s.Entity], byID[s.ClientEntity], byID[s.ServerEntity], s.Service))
	}
	return out
}

func TestEveryEndGetsItsEntity(t *testing.T) {
	t.Parallel()
	shop, load := netip.MustParseAddr("10.244.0.10"), netip.MustParseAddr("10.244.1.10")
	b := batch(
		span.Span{ID: 1, Source: span.SYS, PodIP: load, Client: addr("10.244.1.10:4000"), Server: addr("10.244.0.10:8080")},
		span.Span{ID: 2, Source: span.NET, Client: addr("10.244.1.10:4000"), Server: addr("10.244.0.10:8080")},
		span.Span{ID: 3, Source: span.APP, Service: "shop", PodIP: shop},
		span.Span{ID: 4, Source: span.SYS, PodIP: shop, Client: addr("127.0.0.1:4000"), Server: addr("127.0.0.1:3306")},
		span.Span{ID: 5, Source: span.SYS, PodIP: shop, Client: addr("10.244.0.10:4000"), Server: addr("203.0.113.9:443")},
		span.Span{ID: 6, Source: span.NET, Client: addr("192.168.0.1:1"), Server: addr("[fd00::10]:80")},
	)
	got := tagged(t, New(webshopSource(t), nil), b)
	want := []string{
		`SYS: pod loadgenerator; pod loadgenerator -> pod web-shop; service "loadgenerator"`,
		`NET: -; pod loadgenerator -> pod web-shop; service ""`, // seen by the node
		`APP: pod web-shop; - -> -; service "shop"`,             // an APP span keeps its own service.name
		`SYS: pod web-shop; pod web-shop -> pod web-shop; service "web-shop"`,
		`SYS: pod web-shop; pod web-shop -> external 203.0.113.9; service "web-shop"`,
		`NET: -; node node0 -> pod loadgenerator; service ""`,
	}
	if d := cmp.Diff(want, who(b, got)); d != "" {
		t.Errorf("tags (-want +got):\n%s", d)
	}
	if len(got) != 4 {
		t.Errorf("%d entities to store, want 4, each once", len(got))
	}
	if err := b.Check(); err != nil {
		t.Error(err)
	}
}

func TestEntitiesAreOfferedUntilTheStoreHasThem(t *testing.T) {
	t.Parallel()
	tagger := New(webshopSource(t), nil)
	b := batch(span.Span{ID: 1, Source: span.NET, Client: addr("10.244.1.10:1"), Server: addr("10.244.0.10:2")})
	first := tagged(t, tagger, b)
	if again := tagged(t, tagger, b); len(first) != 2 || len(again) != 2 {
		t.Fatalf("offered %d, then %d; want both times 2: nothing said the store took them", len(first), len(again))
	}
	tagger.Stored(first)
	if again := tagged(t, tagger, b); len(again) != 0 {
		t.Errorf("offered %d entities that the store has", len(again))
	}
	tagger.Forget()
	if again := tagged(t, tagger, b); len(again) != 2 {
		t.Errorf("offered %d entities after Forget, want 2", len(again))
	}
}

func TestAddressesAreAskedForOncePerVersion(t *testing.T) {
	t.Parallel()
	src := webshopSource(t)
	tagger := New(src, nil)
	b := batch(span.Span{ID: 1, Source: span.NET, Client: addr("10.244.1.10:1"), Server: addr("10.244.0.10:2")})
	for range 3 {
		tagged(t, tagger, b)
	}
	if src.asked != 2 {
		t.Errorf("source asked %d times for 2 addresses", src.asked)
	}
	// The pod moves; the source says so.
	src.entities[netip.MustParseAddr("10.244.0.10")] = span.Entity{Type: "pod", Pod: "web-shop-2"}
	src.version++
	if got := who(b, tagged(t, tagger, b)); got[0] != `NET: -; pod loadgenerator -> pod web-shop-2; service ""` {
		t.Errorf("after the change: %s", got[0])
	}
}

func TestTagsSetByTheSenderAreReplaced(t *testing.T) {
	t.Parallel()
	b := batch(span.Span{ID: 1, Source: span.NET, Entity: 7, ClientEntity: 8, ServerEntity: 9})
	tagged(t, New(None{}, nil), b)
	if b.Entity[0] != 0 || b.ClientEntity[0] != 0 || b.ServerEntity[0] != 0 {
		t.Error("an agent's word about entities was kept")
	}
}

func BenchmarkTag(b *testing.B) {
	m, err := Parse([]byte(webshop))
	if err != nil {
		b.Fatal(err)
	}
	tagger := New(&fixed{entities: m}, nil)
	rows := batch()
	for i := range 10_000 {
		rows.Append(&span.Span{ID: uint64(i), Source: span.SYS, PodIP: netip.MustParseAddr("10.244.1.10"),
			Client: addr("10.244.1.10:1"), Server: addr("10.244.0.10:2")})
	}
	tagger.Stored(tagged(b, tagger, rows))
	b.ReportAllocs()
	for b.Loop() {
		tagged(b, tagger, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/span")
}
