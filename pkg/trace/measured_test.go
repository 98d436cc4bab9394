package trace_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

// What the panel says of a rule is what the document says.
func TestWhatWasMeasuredIsWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/accuracy.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| ([a-z: ]+) \| (\d+) \| (\d+) \| [0-9.]+ % \|$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) < 5 {
		t.Fatalf("%d rules in the document", len(rows))
	}
	for _, row := range rows {
		right, _ := strconv.Atoi(row[2])
		wrong, _ := strconv.Atoi(row[3])
		got, ok := trace.MeasuredOf(row[1])
		if row[1] == trace.RulePassage.String() {
			if ok {
				t.Error("a passage of which the agent does not say how it knew it was told by several kinds of evidence")
			}
			continue
		}
		if want := (trace.Measured{Right: right, Wrong: wrong}); got != want {
			t.Errorf("%s: %+v, the document says %+v", row[1], got, want)
		}
	}
}

// A link's rule says by which of the agent's rules the passage was known.
func TestTheTextOfAPassageNamesTheAgentsRule(t *testing.T) {
	t.Parallel()
	sc := serving(t)
	for i, by := range []span.PassageRule{span.RuleUnknown, span.RuleSoleInput, span.RuleLast, span.RuleLast + 7} {
		sc.sql(by.String(), 92+float64(i), 93+float64(i), 5).PassageRule = by
	}
	tree := trace.Assemble(sc.spans, trace.Options{})
	var got []string
	for i, s := range tree.Spans {
		if s.PodIP == addr(order) && s.Point == span.PointClientProcess {
			got = append(got, tree.RuleText(int32(i)))
		}
	}
	if want := []string{"passage", "passage: sole input", "passage: " + span.RuleLast.String(), "passage"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if text := tree.RuleText(tree.Roots[0]); text != "" {
		t.Errorf("the root was linked by %q", text)
	}
}
