package trace_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

// FuzzAssemble spoils fields of spans, as broken or hostile agents would: whatever comes,
// the tree is well formed, does not depend on the input's order, and can be printed.
func FuzzAssemble(f *testing.F) {
	f.Add([]byte{}, uint64(0))
	f.Add([]byte{0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1}, uint64(1)) // one of each is below
	for field := range byte(fields) {
		var ops []byte
		for i := range byte(20) {
			ops = append(ops, i*9, field, i*7, i%4)
		}
		f.Add(ops, uint64(field))
	}
	f.Fuzz(requireSound)
}

// TestSpoiledSpans is the fuzz target on random input, for every test run.
func TestSpoiledSpans(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		ops := make([]byte, 4*rng.IntN(1+int(seed)))
		for i := range ops {
			ops[i] = byte(rng.Uint32())
		}
		requireSound(t, ops, seed)
	}
}

// requireSound spoils spans as ops say, and checks what holds for any spans.
func requireSound(t *testing.T, ops []byte, seed uint64) {
	var spans []*span.Span
	for _, made := range tracetest.Many(2, 2, seed%16) {
		spans = append(spans, made...)
	}
	for ; len(ops) >= 4; ops = ops[4:] {
		spoil(spans, int(ops[0])%len(spans), ops[1]%fields, ops[2], ops[3])
	}
	tree := trace.Assemble(spans, trace.Options{Entities: tracetest.Entity})
	requireWellFormed(t, tree, len(spans))
	again := trace.Assemble(shuffled(spans, seed), trace.Options{Entities: tracetest.Entity})
	for i := range tree.Spans {
		if tree.Parent[i] != again.Parent[i] || tree.Reason[i] != again.Reason[i] || tree.Orphan[i] != again.Orphan[i] {
			t.Fatalf("span %d depends on the order of the input: %q %q, %q %q", i, tree.Reason[i], tree.Orphan[i], again.Reason[i], again.Orphan[i])
		}
	}
	for i := range tree.Spans {
		b := trace.Where(tree, spans[0].Start, spans[0].Start+int64(seed>>8), int32(i))
		if b.Layers.Total() != b.Duration || b.Duration < 0 {
			t.Fatalf("span %d: layers %d of %d", i, b.Layers.Total(), b.Duration)
		}
	}
	p := trace.Print(tree, tracetest.Entity)
	if _, err := json.Marshal(p); err != nil {
		t.Fatal(err)
	}
}

// fields is the number of cases of spoil.
const fields = 24

// spoil sets a field of span i to a small value, to that of another span, or to an extreme.
func spoil(spans []*span.Span, i int, field, value, how byte) {
	s, o := spans[i], spans[int(value)%len(spans)]
	n := uint64(value)
	if how%4 == 3 {
		n = 1<<63 - 1 + uint64(value%3)
	}
	switch field {
	case 0:
		s.TraceID = o.TraceID
	case 1:
		s.SpanID = o.SpanID
	case 2:
		s.ParentSpanID = o.SpanID
	case 3:
		s.ParentSpanID = span.SpanID{}
	case 4:
		s.TraceID = span.TraceID{}
	case 5:
		s.RequestSeq, s.ResponseSeq = o.RequestSeq, o.ResponseSeq
	case 6:
		s.ResponseSeq = uint32(n % 2)
	case 7:
		s.Passage = o.Passage
	case 8:
		s.PodIP, s.Entity = o.PodIP, o.Entity
	case 9:
		s.PodIP, s.Entity = netip.Addr{}, 0
	case 10:
		s.Node = o.Node
	case 11:
		s.Node = ""
	case 12:
		s.Start = int64(n)
	case 13:
		s.Duration = n
	case 14:
		s.ResponseStart = n
	case 15:
		s.Start = o.Start
	case 16:
		s.Point = span.Point(value)
	case 17:
		s.Source = span.Source(value % 5)
	case 18:
		s.Kind = span.Kind(value)
	case 19:
		s.Client, s.Server = o.Client, o.Server
	case 20:
		s.ID, s.Start, s.Source = o.ID, o.Start, o.Source
	case 21:
		var b [2]byte
		binary.BigEndian.PutUint16(b[:], uint16(n))
		s.Resource, s.Endpoint, s.Protocol = string(b[:]), "\x1b[31m\xff", string(b[:1])
	case 22:
		*s = *o
	case 23:
		s.PID, s.XRequestID = uint32(n), string(rune('a'+value%3))
	}
}
