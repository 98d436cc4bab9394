package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// A filter means of a span in memory, as one of a file is, what it means in the store.
func TestAFilterMeansTheSameInMemory(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := checkout(1, start)
	insert(t, s, b)
	resources := map[uint64][]span.Attribute{}
	for _, r := range b.OTelResources {
		resources[r.ID] = r.Attributes
	}
	for _, text := range []string{
		"app.card=visa", "app.card!=visa", "app.card=v*", "app.card=VISA", "app.card=V*", "app.card=~v.*|m.*", "app.card!~v.*", "app.card=visa|amex", "app.card=", "app.card=*",
		"app.amount>1000", "app.amount<=1250", "app.amount>1250", "app.card>5", "span.app.card=visa", "resource.app.card=visa", "event.attempt=3", "attempt>=3", "retry=*after*",
		"k8s.pod.name=shop-0", "resource.k8s.pod.name=shop-0", "span.k8s.pod.name=shop-0", "deployment.environment.name=prod", "exception.type=IllegalS*",
		"no.such.key=1", "no.such.key!=1", "event=exception", "event=EXC*", "status_message=*refused*", "scope_name=otel-java", "scope_version=2*",
		"status=error", "status=ok", "status=unset", "status=server error", "status!=error", "kind=client", "kind=CLIENT", "kind=~C.*", "root=true", "root=false", "source=APP", "point=app",
		"duration>50ns", "duration>=50ns", "duration=80ns", "duration<1ms", "code=0", "code>0", "code=*",
		"service=shop", "service=pay*", "namespace=money", "namespace=store", "pod=shop-0", "workload=payment-v2", "node=node7", "name=Charge", "name=*check*", "protocol=HTTP", "protocol=*",
		"request_resource=*check*", "request=Charge",
		"any_value=*VISA*", "any_value=*shop-0*", "any_value=*illegalstate*", "any_value=exception", "any_value=*attributes*", "any_value=~.*/check[ao]ut", "any_value!=*visa*", "any_value=*otel-java*",
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := s.Find(t.Context(), FindQuery{ID: traceID(1).String(), Filter: f})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		passes, err := f.InMemory()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got []uint64
		for one := range b.Spans() {
			if passes(&Held{Span: one, Resource: resources[one.OTelResource]}) {
				got = append(got, one.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %x in memory, the store has %x", text, got, want)
		}
	}
	for _, text := range []string{"duration>long", "status=broken", "kind>1", "app.amount>many", "duration=~5.*"} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.InMemory(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
