package trace_test

import (
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A message carries its producer's context through the broker. What the broker was asked hangs under the producer, and
// the consumer, in another process and later, does, too: it is none of the broker's.
func TestMessageThroughABroker(t *testing.T) {
	t.Parallel()
	sc := newScene(t)
	sc.app("GET /order", 0, 100, span.KindServer, 1, 0, web)
	sc.app("orders send", 10, 60, span.KindProducer, 2, 1, web)
	a := sc.hop("c-p", 20, 50, cp, "a", 100, web+":4000", db+":9092")
	b := sc.hop("s-p", 25, 45, sp, "b", 100, web+":4000", db+":9092")
	for _, hop := range []*span.Span{a, b} {
		hop.Protocol, hop.Type, hop.Resource, hop.Endpoint = "Kafka", "Produce", "orders", "Produce orders"
	}
	carries(2, a, b)
	sc.app("orders process", 70, 90, span.KindConsumer, 3, 2, order)
	sc.want(`
		GET /order
		  orders send
		    c-p
		      s-p
		    orders process
	`)
}
