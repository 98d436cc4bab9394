package store

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDSNs(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]struct {
		hosts          []string
		database, path string
		secure         bool
	}{
		"http://host":                    {[]string{"host:8123"}, "throughline", "", false},
		"https://u:p@host/spans":         {[]string{"host:8443"}, "spans", "", true},
		"http://a:1,b,[::1]:9/d":         {[]string{"a:1", "b:8123", "[::1]:9"}, "d", "", false},
		"http://host/proxy/clickhouse/d": {[]string{"host:8123"}, "d", "/proxy/clickhouse", false},
		"http://host/?database=d":        {[]string{"host:8123"}, "d", "", false},
		"clickhouse://u:p@a,b:1/d":       {[]string{"a:9000", "b:1"}, "d", "", false},
		"tcp://host?secure=true":         {[]string{"host:9440"}, "throughline", "", true},
	} {
		c := Config{DSN: dsn}
		e, err := c.parse()
		if err != nil || !slices.Equal(e.hosts, want.hosts) || c.Database != want.database || e.path != want.path || e.secure != want.secure {
			t.Errorf("%s: %+v, database %q, %v", dsn, e, c.Database, err)
		}
	}
	for dsn, why := range map[string]string{
		"ftp://host:9000": "HTTP interface", "host:8123": "DSN", "": "DSN", "http://": "no host", "http://host/a-b": "letters",
	} {
		c := Config{DSN: dsn}
		if _, err := c.parse(); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want a word on %q", dsn, err, why)
		}
	}
	c := Config{DSN: "http://host", Retention: time.Hour}
	if _, err := c.parse(); err == nil {
		t.Error("a retention of an hour is taken, though parts are kept for whole days")
	}
	c = Config{DSN: "http://user:secret@ho st"}
	if _, err := c.parse(); err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}
