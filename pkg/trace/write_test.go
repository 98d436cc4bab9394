package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// pieces remembers the largest write.
type pieces struct {
	bytes.Buffer
	largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.Buffer.Write(b)
}

// A trace is written span by span, and is the document that Print makes.
func TestWrittenAsPrinted(t *testing.T) {
	t.Parallel()
	var many []*span.Span
	for i := range uint64(50) {
		many = append(many, tracetest.NewShop(i).Trace(1e18)...)
	}
	for name, spans := range map[string][]*span.Span{"none": nil, "one": tracetest.WebShop(1)[:1], "a request": tracetest.WebShop(1), "many": many} {
		for _, truncated := range []string{"", "the rest"} {
			tree := assemble(spans)
			p := trace.Print(tree, tracetest.Entity)
			p.Truncated = truncated
			want, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var got pieces
			if err := trace.Write(&got, tree, tracetest.Entity, truncated); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: written\n%.2000s\nprinted\n%.2000s", name, got.Bytes(), want)
			}
			if got.largest > 64<<10 {
				t.Errorf("%s: %d bytes at a time", name, got.largest)
			}
		}
	}
}

type broken struct{ writes int }

func (b *broken) Write([]byte) (int, error) { b.writes++; return 0, errors.New("gone") }

func TestWritingStopsWhenNobodyReads(t *testing.T) {
	t.Parallel()
	var many []*span.Span
	for i := range uint64(50) {
		many = append(many, tracetest.NewShop(i).Trace(1e18)...)
	}
	var b broken
	if err := trace.Write(&b, assemble(many), tracetest.Entity, ""); err == nil || b.writes != 1 {
		t.Errorf("%v after %d writes", err, b.writes)
	}
}
