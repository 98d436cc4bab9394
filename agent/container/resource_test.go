package container

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// A process in a pod has the resource that OpenTelemetry's conventions give it, one that is in none has
// none.
func TestResources(t *testing.T) {
	t.Parallel()
	var r Resources
	id := r.keep(Identity{ID: one, PodUID: pod})
	got, ok := r.Find(id)
	want := span.Resource{ID: id, Attributes: []span.Attribute{
		{Key: "k8s.pod.uid", Value: pod, Type: span.AttributeString}, {Key: "container.id", Value: one, Type: span.AttributeString},
	}}
	if d := cmp.Diff(want, got); d != "" || !ok || id == 0 {
		t.Errorf("%v, (-want +got):\n%s", ok, d)
	}
	if again := r.keep(Identity{ID: one, PodUID: pod}); again != id {
		t.Errorf("the same container has %d, then %d", id, again)
	}
	if id := r.keep(Identity{ID: one}); id != 0 {
		t.Errorf("a container that is in no pod has %d", id)
	}
	if _, ok := r.Find(0); ok {
		t.Error("no resource is one")
	}
}
