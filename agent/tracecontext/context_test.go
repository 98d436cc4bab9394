package tracecontext_test

import (
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/tracecontext"
	"github.com/throughline-io/throughline/pkg/span"
)

const (
	trace = "0af7651916cd43dd8448eb211c80319c"
	low   = "0000000000000000" + "8448eb211c80319c"
	id    = "b7ad6b7169203331"
	w3c   = "00-" + trace + "-" + id + "-01"
)

func TestForms(t *testing.T) {
	t.Parallel()
	f := func(lines, want string) {
		t.Helper()
		var r tracecontext.Reader
		for line := range strings.SplitSeq(lines, ";") {
			name, value, _ := strings.Cut(line, ": ")
			r.Field([]byte(name), []byte(value))
		}
		c, ok := r.Context()
		got := ""
		if ok {
			got = c.TraceID.String() + " " + c.SpanID.String() + " " + c.State
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: got %q, want %q", lines, got, want)
		}
	}
	f("Traceparent: "+w3c+";tracestate: a=1", trace+" "+id+" a=1")
	f("b3: "+trace+"-"+id, trace+" "+id)
	f("b3: 8448eb211c80319c-"+id+"-1-05e3ac9a4f6e3b90", low+" "+id)
	f("b3: 0", "")
	f("X-B3-TraceId: "+trace+";X-B3-SpanId: "+id+";X-B3-Sampled: 1", trace+" "+id)
	f("x-b3-spanid: "+id+";x-b3-traceid: 8448eb211c80319c", low+" "+id)
	f("x-b3-traceid: "+trace, "")
	f("uber-trace-id: "+trace+":"+id+":0:1", trace+" "+id)
	f("uber-trace-id: af7651916cd43dd8448eb211c80319c%3A7ad6b7169203331%3A0%3A1", trace+" 07ad6b7169203331")
	f("uber-trace-id: "+trace+":"+id+":0", "")
	f("x-datadog-trace-id: 9532127138774266268;x-datadog-parent-id: 13235353014750950193", low+" "+id)
	f("x-datadog-tags: _dd.p.dm=-1,_dd.p.tid=0af7651916cd43dd;x-datadog-trace-id: 9532127138774266268;x-datadog-parent-id: 13235353014750950193", trace+" "+id)
	f("x-datadog-trace-id: 0;x-datadog-parent-id: 1", "")
	// SkyWalking: of browsers and Python a UUID, of Java text that begins with the process's.
	f("sw8: 1-MGFmNzY1MTkxNmNkNDNkZDg0NDhlYjIxMWM4MDMxOWMuMTIuMTY1NjM0NzQyOTY0MzAwMDE=-c2Vn-3-c3Zj-aW5zdA==-L2E=-MTAuMC4wLjE6ODA=", "91f78d00e9c25befab2d22390b3f7013 ad7c606daa6c2147 sw8=0af7651916cd43dd8448eb211c80319c.12.16563474296430001") // whose hash says nothing to SkyWalking
	f("sw8: 1-MGFmNzY1MTktMTZjZC00M2RkLTg0NDgtZWIyMTFjODAzMTlj-c2Vn-3-c3Zj-aW5zdA==-L2E=-MTAuMC4wLjE6ODA=", trace+" ad7c606daa6c2147")
	f("sw8: 1-MGFmNzY1MTktMTZjZC00M2RkLTg0NDgtZWIyMTFjODAzMTlj-c2Vn-4-c3Zj-aW5zdA==-L2E=-MTAuMC4wLjE6ODA=", trace+" "+span.SkyWalkingSpanID([]byte("seg"), 4).String())
	f("sw8: 1-MGFmNzY1MTktMTZjZC00M2RkLTg0NDgtZWIyMTFjODAzMTlj-?-4-c3Zj-aW5zdA==-L2E=-MTAuMC4wLjE6ODA=", trace) // no segment, no span
	f("sw8: 1-x-y", "")
	// The one that is valid is taken, and W3C before the others.
	f("traceparent: 00-"+strings.Repeat("0", 32)+"-"+id+"-01;b3: "+trace+"-"+id, trace+" "+id)
	f("b3: 8448eb211c80319c-"+id+";traceparent: "+w3c, trace+" "+id)
	f("Cookie: "+w3c, "")
}

func TestTraceparent(t *testing.T) {
	t.Parallel()
	f := func(v string, want bool) {
		t.Helper()
		var r tracecontext.Reader
		r.Field([]byte("traceparent"), []byte(v))
		if c, ok := r.Context(); ok != want || ok == c.TraceID.IsZero() || ok == c.SpanID.IsZero() {
			t.Errorf("%q: %+v, %v", v, c, ok)
		}
	}
	f(w3c, true)
	f("cc"+w3c[2:]+"-of-the-future", true)
	f(w3c+"-00", false) // version 00 has no more fields
	f("ff"+w3c[2:], false)
	f(strings.ToUpper(w3c), false)
	f("00-00000000000000000000000000000000-"+id+"-01", false)
	f("00-"+trace+"-0000000000000000-01", false)
	for n := range len(w3c) {
		f(w3c[:n], false)
	}
}

// Where the name is a number in a table that was not seen, the form tells.
func TestValueWithoutName(t *testing.T) {
	t.Parallel()
	f := func(v string, want bool) {
		t.Helper()
		var r tracecontext.Reader
		if got := r.Value([]byte(v)); got != want {
			t.Errorf("Value(%q) = %v", v, got)
		}
		if _, ok := r.Context(); ok != want {
			t.Errorf("%q: context %v", v, ok)
		}
	}
	f(w3c, true)
	f(trace+"-"+id+"-1", true)
	f(trace+":"+id+":0:1", true)
	f("8448eb211c80319c-"+id, false) // two numbers are two numbers
	f("12:30:0:1", false)
	f("9532127138774266268", false)
	f("", false)
}

func TestSQLComment(t *testing.T) {
	t.Parallel()
	f := func(text, want, state string) {
		t.Helper()
		c, without, ok := tracecontext.SQL(text)
		if without != want || ok != (want != text) || ok && (c.TraceID.String() != trace || c.SpanID.String() != id || c.State != state) {
			t.Errorf("SQL(%q) = %+v, %q, %v", text, c, without, ok)
		}
	}
	f("SELECT 1 /*action='%2Frun',traceparent='"+w3c+"',tracestate='a%3D1'*/", "SELECT 1", "a=1")
	f("/*traceparent='"+w3c+"',ddps='shop'*/ SELECT /*+ hint */ 1", "SELECT /*+ hint */ 1", "")
	f("SELECT 1; /* why */ /* traceparent='"+w3c+"' */", "SELECT 1; /* why */", "")
	for _, text := range []string{
		"SELECT 1", "SELECT traceparent FROM t", "SELECT 1 /*traceparent='00-0af7*/",
		"SELECT 1 /*traceparent='" + w3c, "SELECT '" + w3c + "' AS traceparent",
	} {
		f(text, text, "")
	}
}

func FuzzContext(f *testing.F) {
	f.Add("traceparent", w3c)
	f.Add("sw8", "1-MGFm-c2Vn-3-c3Zj-aW5zdA==-L2E=-MTAu")
	f.Add("uber-trace-id", trace+"%3A"+id+":0:1")
	f.Add("x-datadog-trace-id", "9532127138774266268")
	f.Fuzz(func(t *testing.T, name, value string) {
		var r tracecontext.Reader
		r.Field([]byte(name), []byte(value))
		r.Value([]byte(value))
		if c, ok := r.Context(); ok && c.TraceID.IsZero() {
			t.Errorf("%q: %q: a context without trace id", name, value)
		}
		if _, without, ok := tracecontext.SQL(value); ok && len(without) >= len(value) {
			t.Errorf("SQL(%q) = %q", value, without)
		}
	})
}
