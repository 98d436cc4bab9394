package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// Whatever is stored of a span can be searched: attributes of the span, its resource and its
// events, its scope, its message, what its resource says of Kubernetes; by equality, patterns,
// regular expressions, lists and as numbers.
func TestWhatFiltersFind(t *testing.T) {
	t.Parallel()
	s := open(t)
	insert(t, s, checkout(1, start))
	other := app(500, traceID(2), 1)
	other.Service, other.Endpoint, other.Start, other.Duration = "web|api", "GET /items/{id}", start-1, 5_000_000
	other.Attributes = []span.Attribute{{Key: "http.response.status_code", Value: "503", Type: span.AttributeInt}, {Key: "app.amount", Value: "9.5", Type: span.AttributeDouble}, {Key: "url.full", Value: "http://x", Type: span.AttributeString}}
	other.Code, other.Protocol, other.Status = 503, "HTTP", span.StatusServerError
	insert(t, s, batch(other))
	const root, call, pay, web = "shop POST /checkout", "shop ", "payment Charge", "web|api GET /items/{id}"
	for text, want := range map[string][]string{
		"app.card=visa":                      {pay},
		"app.card=*":                         {pay},
		"app.card=vi*":                       {pay},
		"app.card=amex|visa":                 {pay},
		"app.card={amex,visa}":               {pay},
		"app.card=~(amex|visa)":              {pay},
		"app.card=~v[ij].a":                  {pay},
		"app.card=~v":                        {},
		"app.card!~v[ij].a":                  {root, call, web},
		"span.app.card=visa":                 {pay},
		"resource.app.card=visa":             {},
		"app.amount>=1250":                   {pay},
		"app.amount>1250":                    {},
		"app.amount<10":                      {web},
		"app.amount<=9.5":                    {web},
		"http.response.status_code>=500":     {web},
		"http.response.status_code=5*":       {web},
		"code>=500":                          {web},
		"code=503":                           {web},
		"code=5*":                            {web},
		"url.full=http://x":                  {web},
		"k8s.pod.name=shop-0":                {root, call},
		"k8s.pod.name!=shop-0":               {pay, web},
		"resource.k8s.pod.name=shop*":        {root, call},
		"deployment.environment.name=prod":   {pay},
		"service.namespace=store":            {root, call, pay},
		"service.name=payment":               {pay},
		"namespace=store":                    {root, call},
		"namespace=money":                    {pay},
		"namespace=money|store":              {root, call, pay},
		"workload=payment-v2":                {pay},
		"pod=shop-*":                         {root, call},
		"node=node7":                         {pay},
		"exception.type=IllegalState":        {pay},
		"event.exception.type=Illegal*":      {pay},
		`exception.message=card "7" refused`: {pay},
		"exception.message=~.*refused":       {pay},
		"attempt=3":                          {pay},
		"attempt>=4":                         {},
		"retry=*after*":                      {pay},
		"after=*":                            {}, // within a value
		"event=exception":                    {pay},
		"event!=exception":                   {root, call, web},
		"status_message=*refused*":           {pay},
		"scope_name=otel-java":               {pay},
		"scope_version=2*":                   {pay},
		"name=Charge":                        {pay},
		"name=GET /items/{id}":               {web},
		"request=GET /items/{id}":            {web},
		"kind=client":                        {call},
		"kind=SERVER|CLIENT":                 {root, call, pay, web},
		"any_value=*refused*":                {pay},
		"any_value=503":                      {web},
		"root=true":                          {root, web},
		"root=false":                         {call, pay},
		"duration>=5ms":                      {web},
		"duration<60ns":                      {pay},
		"duration=80ns":                      {call},
		"duration>=50ns":                     {root, call, pay, web},
		"status=error":                       {call, pay, web},
		"status!=error":                      {root},
		"status=ok":                          {root},
		"status=unset":                       {root},
		"status=unknown":                     {},
		"status=ok|error":                    {root, call, pay, web},
		"service=web|api":                    {web},
		"service={payment,shop}":             {root, call, pay},
		`service=web\|api|payment`:           {pay, web},
		"service=~shop|pay.*":                {root, call, pay},
		"service=~[ps].*":                    {root, call, pay},
		"no.such.key=1":                      {},
		"no.such.key!=1":                     {root, call, pay, web},
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, r := range searched(t, s, SearchQuery{Filters: []Filter{f}}) {
			got = append(got, r.Service+" "+r.Request)
		}
		slices.Sort(got)
		wanted := slices.Clone(want)
		slices.Sort(wanted)
		for i, name := range wanted {
			wanted[i] = strings.Replace(name, "web|api GET", "web|api  GET", 1)
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s: got %q, want %q", text, got, wanted)
		}
	}
}

// OpenTelemetry's UNSET is no failure, and not unknown: the span says by its silence that all
// went well. A system call of which no answer was seen is unknown.
func TestUnsetIsNotUnknown(t *testing.T) {
	t.Parallel()
	s := open(t)
	silent, good, call := app(1, traceID(1), 1), app(2, traceID(1), 2), hop(3, span.TraceID{}, 1, 2)
	good.Status, call.Source, call.Point = span.StatusOK, span.SYS, span.PointServerProcess
	insert(t, s, batch(silent, good, call))
	for status, want := range map[string][]uint64{
		"ok": {good.ID, silent.ID}, "unset": {silent.ID}, "unknown": {call.ID}, "error": {},
	} {
		if got := found(t, s, SearchQuery{Status: status}); !slices.Equal(got, want) {
			t.Errorf("%s: %x, want %x", status, got, want)
		}
	}
}

func TestFiltersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	for text, want := range map[string]string{
		"": "want a key", "status": "want a key", "=a": "want a key", "service>=a": `"a" is no number`, "app.amount>=much": `"much" is no number`, "code>x": `"x" is no number`,
		"duration>=long": `"long" is no duration`, "duration=~[5].*": "compared with", "status=broken": `want ok, unset, unknown, error`, "kind=a": "want INTERNAL", "status>=500": "it has names",
		"service=~w[a": "missing closing ]", "app.amount>=NaN": "no number",
	} {
		f, err := ParseFilter(text)
		if err == nil {
			_, err = s.Search(t.Context(), SearchQuery{Filters: []Filter{f}})
		}
		if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := NewFilter("a", "~", "b"); !errors.Is(err, ErrMalformed) {
		t.Errorf("operator ~: %v", err)
	}
}

// Lists, as variables with several values come.
func TestChoices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"a": nil, "a,b": nil, "{a}": nil, "/items/{id}": nil, "(a)": nil, "": nil,
		"a|b": {"a", "b"}, "{a,b}": {"a", "b"}, "(a|b)": {"a", "b"}, `(a\.x|b)`: {"a.x", "b"}, `a\|b`: {"a|b"}, `a\|b|c\\d`: {"a|b", `c\d`}, "a || b": {"a", "b"}, "|": nil,
	} {
		if got := choices(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
