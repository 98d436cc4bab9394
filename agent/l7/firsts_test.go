package l7_test

import (
	"math/rand/v2"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
)

// wrongFirst says of a protocol that finds itself in bytes that it says it cannot begin with.
func wrongFirst(data []byte) *l7.Protocol {
	for _, p := range l7.All {
		if p.Firsts != nil && len(data) > 0 && !p.Firsts[data[0]] && p.Detect(data) != l7.MatchNone {
			return p
		}
	}
	return nil
}

// A protocol finds itself in no bytes that begin with others than it says: those it is not asked about.
func TestFirstBytes(t *testing.T) {
	t.Parallel()
	check := func(data []byte) {
		t.Helper()
		if p := wrongFirst(data); p != nil {
			t.Fatalf("%s is found in %q, and says that it cannot begin so", p.Name, data)
		}
	}
	noise := rand.New(rand.NewPCG(3, 4))
	for _, message := range corpus {
		for n := 1; n <= min(len(message), 40); n++ {
			data := []byte(message[:n])
			for first := range 256 {
				data[0] = byte(first)
				check(data)
			}
		}
		data := []byte(message)
		for range 200 {
			data[noise.IntN(min(len(data), 12))] = byte(noise.Uint32())
			check(data)
		}
	}
}
