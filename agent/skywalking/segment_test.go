package skywalking

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/otlptest"
	"github.com/throughline-io/throughline/pkg/span"
)

var update = flag.Bool("update", false, "write what is read as what is expected")

// text is spans as lines, for people and golden files.
func text(t testing.TB, request []byte) string {
	t.Helper()
	spans := otlptest.Spans(t, request)
	slices.SortStableFunc(spans, func(a, b *span.Span) int { return cmp.Compare(a.Start, b.Start) })
	var b strings.Builder
	for _, s := range spans {
		fmt.Fprintf(&b, "%s %s < %s %s %q of %q\n", s.TraceID, s.SpanID, cmp.Or(s.ParentSpanID.String(), "-"), s.Kind, s.Endpoint, s.Service)
		fmt.Fprintf(&b, "  %d+%dms %s %s %s %s %d %s %q, %s to %s\n", s.Start, s.Duration/1e6, s.Protocol, s.Type, s.Domain, s.Resource, s.Code, s.Status, s.StatusMessage, s.Client, s.Server)
		for _, a := range s.Attributes {
			fmt.Fprintf(&b, "  %s=%s\n", a.Key, a.Value)
		}
		if s.Events != "" {
			fmt.Fprintf(&b, "  events %s\n", s.Events)
		}
		if s.Links != "" {
			fmt.Fprintf(&b, "  links %s\n", s.Links)
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".spans")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: read as\n%s\nwant\n%s", name, got, want)
	}
}

func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// translated is a segment, or a collection of them in JSON, as a request.
func translated(t testing.TB, name string, known *Instances) []byte {
	t.Helper()
	b := recorded(t, name)
	w := Translator{Writer: new(protobuf.Writer), Instances: known}
	write := w.Segment
	if strings.HasSuffix(name, ".json") {
		var as protobuf.Writer
		if err := SegmentsJSON(&as, b); err != nil {
			t.Fatal(err)
		}
		b, write = as.Data, w.Collection
	}
	if err := write(b); err != nil {
		t.Fatal(err)
	}
	return w.Data
}

// What SkyWalking's agent for Python 1.2.0 sent of two services, one of which asks the other, by gRPC and
// HTTP; and segments as its agent for Java makes them: of a database that fails, of messages that are taken
// several at once, of another thread.
func TestSegmentsBecomeSpans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"python-0.segment", "python-1.segment", "python-0.json", "python-1.json", "java.json"} {
		golden(t, name, text(t, translated(t, name, nil)))
	}
}

// The caller's span is what the header of its request says.
func TestACallersSpanIsTheCalleesParent(t *testing.T) {
	t.Parallel()
	called, caller := otlptest.Spans(t, translated(t, "python-0.segment", nil)), otlptest.Spans(t, translated(t, "python-1.segment", nil))
	var exit, entry *span.Span
	for _, s := range caller {
		if s.Kind == span.KindClient {
			exit = s
		} else {
			entry = s
		}
	}
	if len(called) != 1 || exit == nil || entry == nil || exit.ParentSpanID != entry.SpanID || called[0].ParentSpanID != exit.SpanID || called[0].TraceID != exit.TraceID || !entry.ParentSpanID.IsZero() {
		t.Errorf("%+v called %+v", caller, called)
	}
}

func TestAnInstancesPropertiesAreItsResource(t *testing.T) {
	t.Parallel()
	f := func(report func(*Instances) error, passed bool, wantPod string, wantPID uint32) {
		t.Helper()
		known := new(Instances)
		if err := report(known); err != nil {
			t.Fatal(err)
		}
		w := Translator{Writer: new(protobuf.Writer), Instances: known, Passed: passed}
		if err := w.Segment(recorded(t, "python-0.segment")); err != nil {
			t.Fatal(err)
		}
		s := otlptest.Spans(t, w.Data)[0]
		if s.PodIP.String() != wantPod || s.PID != wantPID {
			t.Errorf("pod %v, pid %d; want %s, %d", s.PodIP, s.PID, wantPod, wantPID)
		}
	}
	said := func(properties ...string) func(*Instances) error {
		list := []map[string]string{}
		for i := 0; i < len(properties); i += 2 {
			list = append(list, map[string]string{"key": properties[i], "value": properties[i+1]})
		}
		body, err := json.Marshal(map[string]any{"service": "back", "serviceInstance": "back-1", "properties": list})
		if err != nil {
			t.Fatal(err)
		}
		return func(known *Instances) error {
			var w protobuf.Writer
			if err := InstanceJSON(&w, body); err != nil {
				return err
			}
			return known.Report(w.Data)
		}
	}
	f(said("Process No.", "77", "ipv4", "10.0.0.3"), false, "10.0.0.9", 77) // who sent it is who it is of
	f(said("Process No.", "77", "ipv4", "10.0.0.3"), true, "10.0.0.3", 77)  // unless another passed it on
	f(said("ipv4", "127.0.1.1"), true, "10.0.0.9", 0)
	f(said("ipv4", "::ffff:127.0.1.1"), true, "10.0.0.9", 0)
	f(said("ipv4", "10.0.0.3; 10.0.1.3"), true, "10.0.0.9", 0)
	f(said("Process No.", strings.Repeat("1", 4000)), true, "10.0.0.9", 0)
	for n := range len(recorded(t, "python.instance")) {
		_ = new(Instances).Report(recorded(t, "python.instance")[:n]) // it is kept or malformed
	}
	known := new(Instances)
	if err := known.Report(recorded(t, "python.instance")); err != nil || len(known.known) != 1 {
		t.Errorf("%v, %v", err, known.known)
	}
	for i := range 2 * maxInstances {
		if err := known.Report(protoText(nil, 2, fmt.Sprint("instance ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(known.known) > maxInstances {
		t.Errorf("%d instances are known", len(known.known))
	}
}

func protoText(b []byte, field int, v string) []byte {
	w := protobuf.Writer{Data: b}
	w.Bytes(protowire.Number(field), []byte(v))
	return w.Data
}

// A message that is cut off is refused, or one that has fewer spans.
func TestEveryShortPrefix(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"python-0.segment", "python-1.segment"} {
		b := recorded(t, name)
		for n := range len(b) {
			w := Translator{Writer: new(protobuf.Writer)}
			if err := w.Segment(b[:n]); err == nil {
				otlptest.Spans(t, w.Data)
			} else if !errors.Is(err, protobuf.ErrMalformed) {
				t.Errorf("%s[:%d]: %v", name, n, err)
			}
		}
	}
	b := recorded(t, "python-1.json")
	for n := range len(b) {
		if err := SegmentsJSON(new(protobuf.Writer), b[:n]); err == nil {
			t.Errorf("the first %d bytes of JSON are taken", n)
		}
	}
}

// A few bytes that stand for many spans or attributes are refused before they take the memory.
func TestWhatSegmentsBecomeIsBounded(t *testing.T) {
	t.Parallel()
	refusal := errors.New("no more room")
	var spans, tags protobuf.Writer
	for range otlp.MaxSpans + 1 {
		spans.Bytes(3, []byte{1 << 3, 0})
	}
	at := tags.Open(3)
	for range 1_000_000 {
		tags.Data = append(tags.Data, fieldTags<<3|2, 3, 1<<3|2, 1, 'k')
	}
	tags.Close(at)
	for _, c := range []struct {
		body []byte
		want error
	}{{spans.Data, otlp.ErrTooMany}, {tags.Data, refusal}} {
		asked := 0
		w := Translator{Writer: &protobuf.Writer{Ask: func(n int) error {
			if asked += n; c.want == refusal && asked > 1<<20 {
				return refusal
			}
			return nil
		}}}
		if err := w.Segment(c.body); !errors.Is(err, c.want) || c.want == refusal && len(w.Data) > 2<<20 {
			t.Errorf("%v, %d bytes; want %v", err, len(w.Data), c.want)
		}
	}
}

func FuzzSegments(f *testing.F) {
	for _, name := range []string{"python-0.segment", "python-1.segment", "python-1.json", "java.json"} {
		f.Add(recorded(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ask := otlptest.Room(1 << 20)
		_ = new(Instances).Report(body)
		as := protobuf.Writer{Ask: ask}
		for _, b := range [][]byte{body, nil} {
			if b == nil {
				if SegmentsJSON(&as, body) != nil {
					return
				}
				b = as.Data
			}
			for _, write := range []func(*Translator) error{func(w *Translator) error { return w.Segment(b) }, func(w *Translator) error { return w.Collection(b) }} {
				w := Translator{Writer: &protobuf.Writer{Ask: ask}}
				if write(&w) == nil {
					otlptest.Spans(t, w.Data)
				}
			}
		}
	})
}
