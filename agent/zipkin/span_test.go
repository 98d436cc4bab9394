package zipkin

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/protobuf"
	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/otlp/otlptest"
)

var update = flag.Bool("update", false, "write what is read as what is expected")

func sample(t testing.TB) (inJSON, inProtobuf []byte) {
	t.Helper()
	inJSON, err := os.ReadFile("testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	var w protobuf.Writer
	if err := JSON(&w, inJSON); err != nil {
		t.Fatal(err)
	}
	return inJSON, w.Data
}

func TestSpansOfZipkin(t *testing.T) {
	t.Parallel()
	_, list := sample(t)
	var got strings.Builder
	for _, passed := range []bool{false, true} {
		w := Translator{Writer: new(protobuf.Writer), Passed: passed}
		if err := w.Spans(list); err != nil {
			t.Fatal(err)
		}
		for _, s := range otlptest.Spans(t, w.Data) {
			fmt.Fprintf(&got, "%s %s < %s %s %q of %q at %s\n", s.TraceID, s.SpanID, s.ParentSpanID, s.Kind, s.Endpoint, s.Service, s.PodIP)
			fmt.Fprintf(&got, "  %d+%dus %s %s %s %d %s %q, %s to %s %s %v\n", s.Start, s.Duration/1e3, s.Protocol, s.Type, s.Resource, s.Code, s.Status, s.StatusMessage, s.Client, s.Server, s.Events, s.Attributes)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/shop.spans", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/shop.spans")
	if err != nil || got.String() != string(want) {
		t.Errorf("%v: read as\n%s\nwant\n%s", err, got.String(), want)
	}
}

// A message that is cut off is refused, or one that has fewer spans.
func TestEveryShortPrefix(t *testing.T) {
	t.Parallel()
	inJSON, list := sample(t)
	for n := range len(list) {
		w := Translator{Writer: new(protobuf.Writer)}
		if err := w.Spans(list[:n]); err == nil {
			otlptest.Spans(t, w.Data)
		} else if !errors.Is(err, protobuf.ErrMalformed) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	for n := range len(inJSON) - 2 {
		if JSON(new(protobuf.Writer), inJSON[:n]) == nil {
			t.Errorf("the first %d bytes of JSON are taken", n)
		}
	}
}

func TestTooManySpans(t *testing.T) {
	t.Parallel()
	w := Translator{Writer: new(protobuf.Writer)}
	if err := w.Spans(slices.Repeat([]byte{1<<3 | 2, 0}, otlp.MaxSpans+1)); !errors.Is(err, otlp.ErrTooMany) {
		t.Error(err)
	}
}

// zipkin-go 0.4.3 writes an endpoint's ipv4 as the 16 bytes of a net.IP: it is the address of IPv4 that it says.
func TestAddressesOfIPv4In16Bytes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"10.0.0.3": "10.0.0.3", "127.0.0.1": "10.0.0.9", "0.0.0.0": "10.0.0.9"} { // by whom it was sent, where it says nothing
		ip := netip.MustParseAddr(name).As16()
		var w protobuf.Writer
		at := w.Open(1)
		w.Bytes(1, []byte{7})
		w.Bytes(3, []byte{9})
		w.Varint(6, 1796061099442000)
		local := w.Open(8)
		w.Bytes(1, []byte("front"))
		w.Bytes(2, ip[:])
		w.Close(local)
		w.Close(at)
		to := Translator{Writer: new(protobuf.Writer), Passed: true}
		if err := to.Spans(w.Data); err != nil {
			t.Fatal(err)
		}
		spans := otlptest.Spans(t, to.Data)
		if len(spans) != 1 || spans[0].PodIP.String() != want || strings.Contains(fmt.Sprint(spans[0].Attributes), "::ffff") {
			t.Errorf("%s: %+v", name, spans)
		}
	}
}

func FuzzSpans(f *testing.F) {
	inJSON, list := sample(f)
	f.Add(inJSON)
	f.Add(list)
	f.Fuzz(func(t *testing.T, body []byte) {
		ask := otlptest.Room(1 << 20)
		as := protobuf.Writer{Ask: ask}
		lists := [][]byte{body}
		if JSON(&as, body) == nil {
			lists = append(lists, as.Data)
		}
		for _, b := range lists {
			w := Translator{Writer: &protobuf.Writer{Ask: ask}}
			if w.Spans(b) == nil {
				otlptest.Spans(t, w.Data)
			}
		}
	})
}
