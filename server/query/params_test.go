package query

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestTimesAreReadInEveryUsualForm(t *testing.T) {
	t.Parallel()
	f := func(in string, want time.Time) {
		t.Helper()
		if got, err := ParseTime(in, noon); err != nil || got != want.UnixNano() {
			t.Errorf("%s: %v, error %v; want %v", in, time.Unix(0, got).UTC(), err, want)
		}
	}
	f("now", noon)
	f("now-90m", noon.Add(-90*time.Minute))
	f("now-7d", noon.AddDate(0, 0, -7))
	f("2026-01-02T12:00:00Z", noon)
	f("2026-01-02T13:00:00.000000001+01:00", noon.Add(1))
	f("1767355200", noon)
	f("1767355200000", noon)
	f("1767355200000000", noon)
	f("1767355200000000001", noon.Add(1))
	for _, bad := range []string{"deepflow-doc", "now+1h", "nowhere", "now-", "-5", "1.5", "2026-01-02", "0000-01-01T00:00:00Z", "99999999999999999999"} {
		if n, err := ParseTime(bad, noon); err == nil {
			t.Errorf("%q was read as %d", bad, n)
		}
	}
}

func TestParametersThatAreWrongAreNamed(t *testing.T) {
	t.Parallel()
	f := func(query, want string) {
		t.Helper()
		p := newParams(query, noon)
		p.text("service")
		p.choice("format", "json", "tree")
		p.number("limit", 20, 1, 100)
		p.duration("min_duration")
		p.time("from", 0)
		p.pairs("attribute", 2)
		err := p.done()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("?%s: error %v, want it to say %q", query, err, want)
			return
		}
		if status, _ := statusOf(&http.Request{}, err); status != http.StatusBadRequest {
			t.Errorf("?%s: status %d", query, status)
		}
	}
	f("servcie=a", `unknown parameter "servcie"; known here: attribute, format, from, limit, min_duration, service`)
	f("service=a&service=b", "service is given 2 times")
	f("service="+strings.Repeat("x", 5000), "5000 bytes")
	f("service=%00", "NUL")
	f("service=%zz", "cannot be read")
	f("format=xml", `format="xml": want one of json, tree`)
	f("limit=0", "a number from 1 to 100")
	f("limit=1e3", "a number from 1 to 100")
	f("limit=99999999999999999999", "a number from 1 to 100")
	f("min_duration=-1s", "want a duration")
	f("min_duration=fast", "want a duration")
	f("from=tomorrow", `"tomorrow" is no time`)
	f("attribute=x", "want key=value")
	f("attribute==x", "want key=value")
	f("attribute=a=1&attribute=a=2", `"a" cannot be "1" and "2"`)
	f("attribute=a=1&attribute=b=2&attribute=c=3", "at most 2")
}

func FuzzParams(f *testing.F) {
	f.Add("service=a&from=now-1h&limit=5&attribute=a=b&min_duration=5ms")
	f.Fuzz(func(t *testing.T, query string) {
		p := newParams(query, noon)
		p.text("service")
		p.number("limit", 20, 1, 100)
		p.duration("min_duration")
		p.time("from", 0)
		p.pairs("attribute", 8)
		_ = p.done()
	})
}
