package saved_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/saved"
	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The files are as other tools write them: those of opentelemetry-js by @opentelemetry/otlp-transformer
// 0.203.0 and exporter-zipkin 2.0.1; those of the collector by its translators 0.107.0 and Jaeger 1.60.0 of
// the same trace; the others by hand after the examples of Jaeger's HotROD, Brave and Tempo.
func TestFilesOfOtherTools(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := saved.Read(text, limits)
			if err != nil {
				t.Fatal(err)
			}
			got := describe(f)
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v (go test ./pkg/saved -update makes it)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// describe writes all that was read of a file, span by span in the order of the tree.
func describe(f *saved.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, left out: %q\n", f.Format, f.LeftOut)
	for _, one := range f.Traces {
		tree := one.Assemble()
		fmt.Fprintf(&b, "\ntrace %s\n%s\n", one.ID, trace.Print(tree, one.Entity).Where.Sentence)
		for i, s := range tree.Spans {
			fmt.Fprintf(&b, "\n%s%s %s: %s, %s, %s, at %d ns, %d ns, parent %s, scope %q %q\n", strings.Repeat("  ", int(tree.Depth[i])), s.SpanID, s.Service, s.Endpoint, s.Kind, s.Status.Of(s.Source),
				s.Start, s.Duration, s.ParentSpanID, s.ScopeName, s.ScopeVersion)
			fmt.Fprintf(&b, "  message %q, state %q, peer %q\n  attributes %s\n  resource %s\n  events %s\n  links %s\n", s.StatusMessage, s.TraceState, trace.PeerOf(s).Name,
				list(s.Attributes), list(one.Resources[s.OTelResource].Attributes), s.Events, s.Links)
		}
	}
	return b.String()
}

func list(attributes []span.Attribute) string {
	var out []string
	for _, a := range attributes {
		out = append(out, fmt.Sprintf("%s=%q(%c)", a.Key, a.Value, a.Type))
	}
	return strings.Join(out, " ")
}
