package store

import (
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// golden compares a text with a file: a change to a query shows up in review as SQL.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".sql")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if that is meant, run `go test ./pkg/store -run Golden -update`\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// statements are every query the package sends, by name, with values of its parameters.
func statements(t *testing.T) map[string]struct {
	sql    string
	params params
} {
	type statement = struct {
		sql    string
		params params
	}
	all := map[string]statement{}
	all["trace_edges_of_groups"] = statement{edgesOfGroups, params{"groups": "[1,2]"}}
	all["trace_group_by_id"] = statement{groupByID + " UNION ALL " + groupByTrace, params{"minute": "1800000000", "id": "1", "group": "1"}}
	p := params{"span": "\x01\x02\x03\x04\x05\x06\x07\x08"}
	all["trace_group_by_span_id"] = statement{groupByOTelID + slice{start - minute, start + minute}.bounds(p) + " LIMIT 1", p}
	all["trace_spans"] = statement{spansOfPlaces(newSpanRows()), params{"places": "[(1800000000,1),(1800000060,2)]", "limit": "10"}}
	all["groups_by_id"] = statement{groupsByID, params{"minutes": "[1800000000]", "ids": "[1]"}}
	all["groups_with_rows"] = statement{groupsWithRows, params{"groups": "[1,2]"}}
	all["groups_by_span_id"] = statement{groupsByOTelID, params{"spans": "['3132333435363738']"}}
	for name, q := range map[string]SearchQuery{
		"search_all": {}, "search_requests": {Scope: ScopeRequests},
		"search_filters": {From: start, To: start + minute, Namespace: "webshop", Workload: "web*", Pod: "p", Service: "shop", Protocol: "HTTP", Resource: "*Order*",
			Node: "node0", Source: "SYS", Point: "s-p", MinDuration: 1, MaxDuration: 2, Status: "error",
			Attributes: map[string]string{"user.id": "7", "url.full": "http://a", "tenant": "a*"}},
	} {
		sql, p, err := (&search{SearchQuery: q}).statement(slice{start, start + 2*minute}, 20, cursor{})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = statement{sql, p}
	}
	next, p, _ := (&search{}).statement(slice{from: start}, 20, cursor{1800000000, start})
	all["search_next_page"] = statement{next, p}
	for name, q := range map[string]SearchQuery{"traces": {Limit: 20}, "traces_filtered": {Limit: 20, From: start, To: start + minute, Status: "error", Filters: []Filter{{Key: "exception.type", Values: []string{"E"}}, {Key: "k8s.pod.name", Values: []string{"p"}}}}} {
		q := &search{SearchQuery: q, places: map[string][]placedKey{"exception.type": {{onEvent, "exception.type"}}, "k8s.pod.name": {{onResource, "k8s.pod.name"}}}}
		sql, p, err := q.candidateStatement(slice{start - minute, start + minute}, 2000, start)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = statement{sql, p}
		if sql, p, err = q.candidateStatement(slice{start - minute, start + minute}, 200_000, start); err != nil {
			t.Fatal(err)
		}
		all[name+"_many"] = statement{sql, p}
		if sql, p, err = q.sumStatement("[(1800000000,1)]"); err != nil {
			t.Fatal(err)
		}
		all[name+"_sums"] = statement{sql, p}
		if sql, p, err = q.listedStatement([]place{{1800000000, 1}}); err != nil {
			t.Fatal(err)
		}
		all[name+"_rows"] = statement{sql, p}
	}
	sql, p, err := (&search{SearchQuery: SearchQuery{From: start}}).probeStatement([]Filter{{Key: "status", Values: []string{"error"}}, {Key: "user.id", Operator: AtLeast, Values: []string{"7"}}})
	if err != nil {
		t.Fatal(err)
	}
	all["why_nothing"] = statement{sql, p}
	all["traces_named"] = statement{namedSpans, params{"places": "[(1800000000,1)]", "ids": "[1]"}}
	all["tag_keys_stored"] = statement{keysWithPlaces, params{"limit": "10"}}
	all["values_kept"] = statement{keptValuesOf, params{"key": "user.id", "place": "1", "since": "1800000000"}}
	all["attribute_places"] = statement{placesOfKeys, params{"keys": "['6162']"}}
	for _, name := range []string{"namespace", "service", "protocol", "request_resource", "user.id", "event", "status_message"} {
		q := values{ValuesQuery: ValuesQuery{Name: name, Workload: "web", Pattern: "a*"}, now: time.Unix(0, start), part: slice{start - minute, start + minute}, places: []placedKey{{onSpan, name}, {onResource, name}, {onEvent, name}}}
		sql, p, err := q.statement()
		if err != nil {
			t.Fatal(err)
		}
		all["values_"+strings.ReplaceAll(name, ".", "_")] = statement{sql, p}
	}
	for name, q := range map[string]requestsQuery{
		"metrics": (&MetricsQuery{From: start, To: start + minute, Step: time.Minute, Observed: Served, GroupBy: []string{"request"}, Histograms: true,
			Filters: []Filter{{Key: "service", Values: []string{"a*", "b"}}, {Key: "status", Not: true, Values: []string{"ok"}}}}).requests(),
		"metrics_all": (&MetricsQuery{From: start, To: start + minute, Observed: Everything}).requests(),
		"service_map": mapRequests(start, start+minute, []Filter{{Key: "namespace", Values: []string{"webshop"}}}),
	} {
		q.limit = 10
		sql, p, err := q.statement()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = statement{sql, p}
	}
	all["links_to_trace"] = statement{linksToTrace, params{"trace": "0123456789abcdef", "limit": "201"}}
	all["usual"] = statement{usualOfHops, usualParams([]Hop{{"it's", "GET /", span.PointApp}}, start)}
	sql, p = (&TagsQuery{To: start}).statement(slice{start - minute, start + minute})
	all["tag_keys"] = statement{sql, p}
	sql, p, err = (&search{SearchQuery: SearchQuery{Filters: []Filter{{Key: "service", Values: []string{"a", "b*"}}, {Key: "request_resource", Not: true, Values: []string{"*x"}}, {Key: "tenant", Not: true, Values: []string{"a", "b*"}}}}}).statement(slice{}, 20, cursor{})
	if err != nil {
		t.Fatal(err)
	}
	all["search_ad_hoc"] = statement{sql, p}
	q := LedgerQuery{From: start, To: start, Reporter: "agent*"}
	sql, p = q.statement()
	all["ledger"] = statement{sql, p}
	sql, p = codeEdgesSQL(start, start+minute)
	all["service_map_code"] = statement{sql, p}
	all["watched"] = statement{watchedOf, params{"addresses": formatAddresses([]netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00::1")}), "from": "1", "to": "2"}}
	all["watched_all"] = statement{watchedAll, params{"from": "1", "to": "2", "limit": "10"}}
	q.History = true
	sql, p = q.statement()
	all["ledger_history"] = statement{sql, p}
	return all
}

func TestGoldenQueries(t *testing.T) {
	t.Parallel()
	for name, st := range statements(t) {
		var text strings.Builder
		for _, p := range slices.Sorted(maps.Keys(st.params)) {
			fmt.Fprintf(&text, "-- {%s} = %q\n", p, st.params[p])
		}
		golden(t, name, text.String()+st.sql+"\n")
	}
}

// Every query runs on the schema it is meant for.
func TestTheEngineTakesEveryQuery(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, batch(&span.Span{ID: 1, Source: span.APP, Start: start}))
	for name, st := range statements(t) {
		if _, err := s.text(t.Context(), s.config.Database, st.sql, st.params); err != nil {
			t.Errorf("%s: %v\n%s", name, err, st.sql)
		}
	}
}

// The plans that make reads cheap: rows by the primary key, searches by the indexes.
func TestQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := &span.Batch{}
	for i := range 20_000 {
		x := app(uint64(i+1), traceID(byte(i)), byte(i))
		x.TraceID[1] = byte(i >> 8)
		x.Service = fmt.Sprint("service", i/2000)
		x.SpanID[1] = byte(i >> 8)
		x.Attributes = []span.Attribute{{Key: "user.id", Value: fmt.Sprint(i)}}
		b.Append(x)
	}
	insert(t, s, b)
	execute(t, s, "OPTIMIZE TABLE spans FINAL")
	group := span.TraceGroup(b.TraceID[77])
	for _, c := range []struct {
		name, sql string
		p         params
	}{
		{"places", "SELECT id FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))}", params{"places": formatPlaces([]place{{bucket(start), group}})}},
		{"edges", edgesOfGroups, params{"groups": formatGroups([]span.GroupID{group})}},
		{"span id", groupByOTelID, params{"span": string(b.SpanID[77][:])}},
		{"span ids", groupsByOTelID, params{"spans": "['" + b.SpanID[77].String() + "']"}},
		{"attribute", "SELECT id FROM spans WHERE has(" + attributePairs + ", cityHash64({k:String}, {v:String}))", params{"k": "user.id", "v": "77"}},
	} {
		plan := text(t, s, "EXPLAIN indexes = 1 "+c.sql, c.p)
		read, all := "", ""
		for line := range strings.SplitSeq(plan, "\n") {
			if g, ok := strings.CutPrefix(strings.TrimSpace(line), "Granules: "); ok {
				read, all, _ = strings.Cut(g, "/")
			}
		}
		if read == "" || read == all {
			t.Errorf("%s reads %s of %s granules:\n%s", c.name, read, all, plan)
		}
	}
}

func schemaText(t *testing.T, sc schema) (all []string) {
	t.Helper()
	steps, err := sc.migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(steps, migration{name: "retention", statements: sc.retention(7*24*time.Hour, nil)}) {
		all = append(all, m.statements...)
	}
	return all
}

// Replicated tables and ON CLUSTER do not work in the embedded engine, but it parses them.
// That they run on a cluster is not tested here.
func TestGoldenSchemas(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, sc := range map[string]schema{
		"schema":         {database: "throughline"},
		"schema_cluster": {database: "throughline", cluster: "prod"},
	} {
		statements := schemaText(t, sc)
		golden(t, name, strings.Join(statements, ";\n\n")+";\n")
		for _, sql := range statements {
			if _, err := s.text(t.Context(), s.config.Database, "EXPLAIN AST "+sql, nil); err != nil {
				t.Errorf("%s: %v\n%s", name, err, sql)
			}
		}
	}
}
