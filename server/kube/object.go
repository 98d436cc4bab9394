package kube

import (
	"net/netip"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// object is what every resource keeps of itself, and what informers need to tell it and its
// versions apart.
type object struct {
	namespace, name, uid, version string
	created                       int64 // Unix nanoseconds, a whole second
}

// GetObjectMeta makes an object one of Kubernetes'.
func (o *object) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: o.namespace, Name: o.name, UID: types.UID(o.uid), ResourceVersion: o.version}
}

func objectOf(m *metav1.ObjectMeta) object {
	return object{namespace: same(m.Namespace), name: m.Name, uid: string(m.UID), version: m.ResourceVersion, created: nanoseconds(&m.CreationTimestamp)}
}

// same is a string that is kept once however often it comes: names of nodes and namespaces do.
func same(s string) string { return unique.Make(s).Value() }

// nanoseconds is a time of Kubernetes, 0 for none.
func nanoseconds(t *metav1.Time) int64 {
	if t == nil || t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// second is what a whole second of Kubernetes leaves open.
const second = int64(1e9)

// controller is who made an object.
type controller struct{ kind, name, uid string }

func controllerOf(m metav1.Object) controller {
	if c := metav1.GetControllerOfNoCopy(m); c != nil {
		return controller{same(c.Kind), same(c.Name), string(c.UID)}
	}
	return controller{}
}

// maxValue bounds the value of a label or annotation that is kept, in bytes.
const maxValue = 256

// chosen are those of labels, or annotations, that were asked for, by the names that OpenTelemetry's
// conventions give them. It is nil for none.
func chosen(all map[string]string, keys []string, prefix string, into map[string]string) map[string]string {
	for _, k := range keys {
		v, ok := all[k]
		if !ok {
			continue
		}
		if into == nil {
			into = map[string]string{}
		}
		into[same(prefix+k)] = same(v[:min(len(v), maxValue)])
	}
	return into
}

// addresses reads addresses as Kubernetes spells them. What is none is left out.
func addresses(texts ...string) (list []netip.Addr) {
	for _, s := range texts {
		if a, err := netip.ParseAddr(s); err == nil {
			list = append(list, a.Unmap().WithZone(""))
		}
	}
	return list
}
