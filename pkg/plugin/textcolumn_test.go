package plugin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// readText reads a column as the panel does.
func readText(frame *data.Frame, name string, i int) string {
	if f, _ := frame.FieldByName(name); f != nil {
		if f.Type() != data.FieldTypeEnum {
			return f.At(i).(string)
		}
		return f.Config.TypeConfig.Enum.Text[f.At(i).(data.EnumItemIndex)]
	}
	shared := frame.Meta.Custom.(flameMeta).Shared
	if shared == nil || shared.Columns[name] == nil {
		return ""
	}
	f, _ := frame.FieldByName(shared.Field)
	return shared.Columns[name][f.At(i).(uint16)]
}

// However a trace is sent, each row says of its span what is true.
func TestTextsOfAFrame(t *testing.T) {
	t.Parallel()
	entities := map[uint64]span.Entity{}
	for _, e := range tracetest.WebShopEntities() {
		entities[e.ID] = e
	}
	for _, n := range []int{100, 5000} {
		read := assemble("", &store.TraceData{Spans: tracetest.Large(n, 1), Entities: entities})
		frame := flameFrame(read)
		if shared := frame.Meta.Custom.(flameMeta).Shared; (shared != nil) != (n > minRowsToShare) {
			t.Errorf("%d spans: shared %v", n, shared)
		}
		for i, s := range read.tree.Spans {
			p := read.place(s)
			for name, want := range map[string]string{
				"id": span.FormatID(s.ID), "source": s.Source.String(), "point": s.Point.String(), "service": p.service, "name": spanName(s), "node": s.Node,
				"pod": p.pod, "ofPod": p.ofPod, "interface": s.Interface, "tunnel": s.Tunnel, "request": requestOf(s), "client": p.client, "status": s.Status.String(),
				"orphan": read.tree.Orphan[i],
				"reason": read.tree.Reason[i],
			} {
				got := readText(frame, name, i)
				if name == "reason" {
					got = strings.Replace(got, reasonHole, readText(frame, "reasonValue", i), 1)
				}
				if got != want {
					t.Fatalf("span %d of %d: %s is %q, want %q", i, n, name, got, want)
				}
			}
		}
	}
}

func TestTextColumnOfManyWords(t *testing.T) {
	t.Parallel()
	for _, distinct := range []int{0, 1, 17, 400, maxWords, maxWords + 1} {
		c := newTextColumns(distinct, "words")
		for i := range distinct {
			c.add(fmt.Sprint("word ", i))
			c.add(fmt.Sprint("word ", i))
		}
		fields := c.fields()
		if (len(fields) == 0) != (distinct == 0) {
			t.Fatalf("%d words: %d fields", distinct, len(fields))
		}
		frame := data.NewFrame("", fields...)
		frame.Meta = &data.FrameMeta{Custom: flameMeta{}}
		for i := range 2 * distinct {
			if got, want := readText(frame, "words", i), fmt.Sprint("word ", i/2); got != want {
				t.Fatalf("%d words: row %d is %q, want %q", distinct, i, got, want)
			}
		}
	}
}

func TestReasonsAreSplitAtTheirValue(t *testing.T) {
	t.Parallel()
	for reason, value := range map[string]string{
		"": "", "of the same process": "", "hop 12 of 34": "",
		"same TCP sequence pair 2939709754/3231088311 at s and s-p":          "2939709754/3231088311",
		"trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7": "4bf92f3577b34da6a3ce929d0e0e4736",
		"x_request_id=1b4e28ba-2fa1-11d2-883f-0016d3cca427":                  "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
		"deadbeef without a digit":                                           "",
	} {
		words, got := splitReason(reason)
		if got != value || strings.Replace(words, reasonHole, got, 1) != reason {
			t.Errorf("%q: %q and %q", reason, words, got)
		}
	}
}
