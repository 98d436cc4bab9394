package tempo

import (
	"strings"
	"testing"
)

// What Explore's form and Traces Drilldown send, and what people write, becomes filters of one span.
func TestTraceQL(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		``:                                   "",
		`{}`:                                 "",
		`{ true }`:                           "",
		`{resource.service.name="web-shop"}`: "service=web-shop",
		`{resource.service.name="web-shop" && name="GET /full-test" && duration>100ms}`: "service=web-shop name=GET /full-test duration>100ms",
		`{resource.service.name=~"web.*|svc-.*"}`:                                       "service=~web.*|svc-.*",
		`{status=error && kind=server}`:                                                 "status=error kind=SERVER",
		`{span.http.response.status_code>=500}`:                                         "span.http.response.status_code>=500",
		`{.http.method="POST"}`:                                                         "http.method=POST",
		`{span."my key" = "a b"}`:                                                       "span.my key=a b",
		`{.status = "x"}`:                                                               "span.status=x",
		`{resource.k8s.namespace.name = "shop" && resource.host.name != "n1"}`:          "namespace=shop resource.host.name!=n1",
		`{span.a = 1 || span.a = 2}`:                                                    "span.a=1|2",
		`{(span.a = 1 || span.a = 2) && (status = error)}`:                              "span.a=1|2 status=error",
		`{name = "a|b"}`:                                                                `name=~a\|b`,
		`{name != "SELECT * FROM (x)"}`:                                                 `name!~SELECT \* FROM \(x\)`,
		"{name =~ `\\d+`}":                                                              `name=~\d+`,
		`{name =~ "\d+"}`:                                                               `name=~\d+`,
		`{span.a = -1.5}`:                                                               "span.a=-1.5",
		`{span.ok = true}`:                                                              "span.ok=true",
		`{span.a != nil && span.b = nil}`:                                               "span.a=~(?s).* span.b!~(?s).*",
		`{nestedSetParent<0}`:                                                           "root=true",
		`{nestedSetParent<0 && true && status = error} | select(status, name, nestedSetParent, nestedSetLeft)`: "root=true status=error",
		`{ span:name = "x" && event:name = "exception" } with (most_recent=true)`:                              "name=x event=exception",
		`{ statusMessage = "no stock" && instrumentation:name = "lib" }`:                                       "status_message=no stock scope_name=lib",
	} {
		q, err := parse(query)
		var got []string
		for _, f := range q.filters {
			got = append(got, f.String())
		}
		if err != nil || strings.Join(got, " ") != want || q.nothing {
			t.Errorf("%s: %q, error %v, want %q", query, got, err, want)
		}
	}
	if q, err := parse(`{ false }`); err != nil || !q.nothing {
		t.Errorf("{ false }: %+v, %v", q, err)
	}
}

// What is not answered, or no TraceQL, is said, with its place.
func TestTraceQLThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	for query, says := range map[string]string{
		`hello`:                                `at 1: "hello": want a spanset`,
		`{`:                                    "want an attribute",
		`{ name`:                               "want one of =",
		`{ name = }`:                           "want a value",
		`{ name = "x" `:                        "want }",
		`{ name = "x }`:                        "closing quote",
		`{ name = x }`:                         "a text stands in quotes",
		`{ name ~ "x" }`:                       "want one of =",
		`{ span.a = 1 || span.b = 2 }`:         "between values of one attribute",
		`{ !(span.a = 1) }`:                    "! before a condition",
		`{ } >> { status = error }`:            "between spansets",
		`{ } &>> { status = error }`:           "between spansets",
		`{ } && { }`:                           "between spansets",
		`{ } | rate() by (name)`:               "metrics (rate) are not answered",
		`{ } | compare({status=error})`:        "metrics (compare)",
		`{ } | count() > 2`:                    "| count is not answered",
		`{ } | select(name`:                    "want )",
		`{ } xyz`:                              `"xyz" is not expected`,
		`{ rootName = "x" }`:                   "rootName is not answered",
		`{ trace:duration > 1s }`:              "trace:duration is not answered",
		`{ link.x = 1 }`:                       `scope "link"`,
		`{ span. = 1 }`:                        "want the key",
		`{ kind = unspecified }`:               "kind unspecified",
		`{ nestedSetParent = 3 }`:              "which is a root",
		`{ span.a > nil }`:                     "= and != are answered",
		`{ name =~ "(" }`:                      "missing closing )",
		`{ name = "x" ; }`:                     `';' means nothing`,
		strings.Repeat("{", 9000):              "at most 8192",
		"{" + strings.Repeat("(", 100):         "more than 32 deep",
		"{" + strings.Repeat("span.b=1&&", 20): "more than 16 comparisons",
		"{ name = \"x\xff\" } \xff":            "means nothing",
		`{ span.a = - "x" }`:                   "want a number",
	} {
		if q, err := parse(query); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v %v, want an error with %q", query, q, err, says)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "service.name=cart": "service=*cart*", `service.name="my cart" http.status_code=500`: "service=*my cart* http.status_code=*500*", "status=error": "status=error", "name=GET": "name=*GET*",
	} {
		list, err := tagFilters(text)
		var got []string
		for _, f := range list {
			got = append(got, f.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "=x", `a="x`, strings.Repeat("a=b ", 20)} {
		if _, err := tagFilters(text); err == nil {
			t.Errorf("%.40q: no error", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, q := range []string{`{span."a b"=~"\\d+" && (x.y = -1.5ms || .k != nil)} | select(a) with (b=true)`, "{name=`x`}", "a=b c=\"d e\""} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parse(text)
		if err == nil {
			for _, one := range q.filters {
				if _, err := one.InMemory(); err != nil && strings.Contains(err.Error(), "internal") {
					t.Error(err)
				}
			}
		}
		_, _ = tagFilters(text) // it must end
	})
}
