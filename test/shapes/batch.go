package shapes

import (
	"fmt"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Jobs: long, or of many spans.

// one is a job of one span.
func one(m *maker) {
	m.trace(0).add(nil, "cron", "nightly-cleanup", internal, 0, 1234, attributes("job.name", "cleanup"))
}

// long is a load of two hours.
func long(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "etl", "nightly load", internal, 0, 2*3600_000+754_000)
	t.add(root, "etl", "extract", internal, 1000, 1_800_000)
	t.add(root, "etl", "transform", internal, 1_802_000, 4_700_000)
	t.add(root, "etl", "load", client, 6_510_000, 1_400_000, attributes("db.system", "snowflake"))
}

// report is a job that loads its customers in chunks, each by many queries of a database
// that sends spans too. Times are in milliseconds.
type report struct {
	name            string
	chunks, queries int
	each, query     float64 // from query to query, and of a query
	execute         float64 // its time in the database
	between         float64 // the job's own time at the ends of a chunk
	with            func(chunk, query int) []option
	scan            func(t *trace) (start, duration float64) // in the database, from the query's start
	sort, sorting   float64
}

func (r report) make(t *trace) {
	chunk := float64(r.queries)*r.each + r.between
	pause := r.between / 3
	root := t.add(nil, "report-job", r.name, internal, 0, float64(r.chunks)*(chunk+pause)+1000)
	for k := range r.chunks {
		at := float64(k)*(chunk+pause) + 20
		c := t.add(root, "report-job", fmt.Sprintf("load customer chunk %d", k), internal, at, chunk)
		for j := range r.queries {
			r.load(t, c, k, j, at+10+float64(j)*r.each)
		}
	}
}

func (r report) load(t *trace, chunk *otlp.Span, k, j int, at float64) {
	q := t.add(chunk, "report-job", "SELECT invoices", client, at, r.query, r.with(k, j)...)
	s := t.add(q, "invoice-db", "execute", server, at+(r.query-r.execute)/2, r.execute)
	start, duration := r.scan(t)
	t.add(s, "invoice-db", "index scan", internal, at+start, duration)
	t.add(s, "invoice-db", "sort", internal, at+r.sort, r.sorting)
}

// big is a report of 20,000 spans, one of which failed.
func big(m *maker) {
	chunks, queries := m.size.of(20, 5), m.size.of(250, 12)
	report{
		name: "build monthly report", chunks: chunks, queries: queries, each: 11.4, query: 10, execute: 8, between: 50,
		scan: func(*trace) (float64, float64) { return 2, 4 }, sort: 6.2, sorting: 2,
		with: func(chunk, query int) []option {
			statement := sql("postgresql", "SELECT * FROM invoices WHERE customer_id=$1")
			if chunk == chunks*2/3 && query == queries/3 {
				return []option{statement, failed("canceling statement due to lock timeout")}
			}
			return []option{statement}
		},
	}.make(m.trace(0))
}

// big100k is a report of 100,000 spans that say nothing of a database.
func big100k(m *maker) {
	report{
		name: "build yearly report", chunks: m.size.of(100, 5), queries: m.size.of(250, 12), each: 4.6, query: 4.2, execute: 3.4, between: 30,
		scan: func(t *trace) (float64, float64) { return 0.8, 1.5 + t.rng.Float64() }, sort: 3.4, sorting: 0.3,
		with: func(int, int) []option { return nil },
	}.make(m.trace(0))
}

// siblings is a root with 10,000 children of 40 services, which overlap.
func siblings(m *maker) {
	t, n, wave := m.trace(0), m.size.of(10_000, 200), m.size.of(9000, 180)
	words := []string{"alpha", "beta", "gamma", "delta"}
	root := t.add(nil, "crawler", "crawl", internal, 0, float64(wave)*3.2+1200)
	for k := range n {
		name := fmt.Sprintf("fetch %08x %s", t.rng.Uint32(), words[k%len(words)])
		t.add(root, fmt.Sprintf("svc-%d", k%40), name, client, float64(k%wave)*3.2+float64(k%7), float64(20+k*7919%900), httpRequest("pages.example", "GET", fmt.Sprintf("/page/%d", k), 200))
	}
}

// deep is spans that hold each other, 5,000 of them.
func deep(m *maker) {
	t := m.trace(0)
	var parent *otlp.Span
	for k := range m.size.of(5000, 150) {
		parent = t.add(parent, fmt.Sprintf("layer-%d", k%3), fmt.Sprintf("recurse level %d", k), internal, float64(k)*0.1, 1200-float64(k)*0.2)
	}
}
