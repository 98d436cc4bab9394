package tag

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

// resource is an OTel resource of keys and values.
func resource(pairs ...string) span.Resource {
	var r span.Resource
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Attributes = append(r.Attributes, span.Attribute{Key: pairs[i], Value: pairs[i+1], Type: span.AttributeString})
	}
	r.ID = span.ResourceID(r.Attributes)
	return r
}

// sent is a span of code with a resource, from an address ("": none) on a node.
func sent(r span.Resource, ip, node string) *span.Span {
	s := &span.Span{ID: 1, Source: span.APP, Service: "shop", OTelResource: r.ID, Node: node}
	if ip != "" {
		s.PodIP = netip.MustParseAddr(ip)
	}
	return s
}

// words are an entity's values that are not empty.
func words(e *span.Entity) string {
	text := e.Type
	for _, v := range [...]struct{ name, value string }{
		{"service", e.Service}, {"pod", e.Pod}, {"workload", e.Workload}, {"kind", e.WorkloadKind}, {"namespace", e.Namespace},
		{"node", e.Node}, {"cluster", e.Cluster}, {"process", e.Process}, {"ip", e.IP},
	} {
		if v.value != "" {
			text += " " + v.name + "=" + v.value
		}
	}
	if len(e.Labels) > 0 {
		text += fmt.Sprint(" ", e.Labels)
	}
	return text
}

func TestAResourceSaysWhoSends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what       string
		attributes []string
		ip         string
		want       string
	}{
		{"all that Kubernetes says", []string{"service.name", "shop", "k8s.namespace.name", "prod", "service.namespace", "sales", "k8s.pod.name", "shop-7d9f8b6c5-x2k9q", "k8s.deployment.name", "shop-web", "k8s.cluster.name", "eu-1", "deployment.environment.name", "production"}, "",
			"pod service=shop pod=shop-7d9f8b6c5-x2k9q workload=shop-web kind=Deployment namespace=prod node=n1 cluster=eu-1 map[deployment.environment.name:production service.namespace:sales]"},
		{"no namespace of Kubernetes", []string{"service.name", "shop", "service.namespace", "sales", "deployment.environment", "test"}, "",
			"process service=shop namespace=sales node=n1 map[deployment.environment.name:test service.namespace:sales]"},
		{"both names of the environment", []string{"service.name", "shop", "deployment.environment", "old", "deployment.environment.name", "new"}, "",
			"process service=shop node=n1 map[deployment.environment.name:new]"},
		{"a StatefulSet", []string{"k8s.pod.name", "db-0", "k8s.statefulset.name", "db"}, "", "pod pod=db-0 workload=db kind=StatefulSet node=n1"},
		{"a DaemonSet", []string{"k8s.daemonset.name", "logs"}, "", "process workload=logs kind=DaemonSet node=n1"},
		{"a job of a CronJob", []string{"k8s.job.name", "report-28412345", "k8s.cronjob.name", "report"}, "", "process workload=report kind=CronJob node=n1"},
		{"a Job", []string{"k8s.job.name", "migrate"}, "", "process workload=migrate kind=Job node=n1"},
		{"a ReplicaSet of a Deployment", []string{"k8s.replicaset.name", "shop-7d9f8b6c5"}, "", "process workload=shop kind=Deployment node=n1"},
		{"a ReplicaSet of its own", []string{"k8s.replicaset.name", "shop-main"}, "", "process workload=shop-main kind=ReplicaSet node=n1"},
		{"only a pod of a Deployment", []string{"k8s.pod.name", "a-b-7d9f8b6c5-x2k9q"}, "", "pod pod=a-b-7d9f8b6c5-x2k9q workload=a-b kind=Deployment node=n1"},
		{"only a pod of another name", []string{"k8s.pod.name", "web-0"}, "", "pod pod=web-0 node=n1"},
		{"Amazon ECS", []string{"service.name", "shop", "aws.ecs.task.family", "shop-task", "aws.ecs.cluster.arn", "arn:aws:ecs:eu-west-1:111122223333:cluster/prod"}, "",
			"process service=shop workload=shop-task kind=Task node=n1 cluster=prod"},
		{"a function", []string{"service.name", "resize", "faas.name", "resize-image"}, "", "process service=resize workload=resize-image kind=Function node=n1"},
		{"one of several processes", []string{"service.name", "shop", "service.instance.id", "627cc493"}, "", "process service=shop node=n1 process=627cc493"},
		{"an address that nobody knows", []string{"service.name", "shop"}, "10.9.9.9", "process service=shop node=n1 ip=10.9.9.9"},
		{"nothing but its SDK, and an address", []string{"telemetry.sdk.name", "opentelemetry"}, "10.9.9.9", "external ip=10.9.9.9"},
		{"nothing but its SDK", []string{"telemetry.sdk.name", "opentelemetry"}, "", ""},
		{"an address that the file knows", []string{"service.name", "other", "k8s.namespace.name", "other"}, "10.244.0.10",
			"pod service=web-shop pod=web-shop workload=web-shop kind=Deployment namespace=webshop node=node0 ip=10.244.0.10"},
		{"an address that the file knows, though the pod says another name", []string{"k8s.pod.name", "other-0", "k8s.pod.ip", "10.244.0.10"}, "10.244.0.10",
			"pod service=web-shop pod=web-shop workload=web-shop kind=Deployment namespace=webshop node=node0 ip=10.244.0.10"},
		{"another pod's spans, passed on by one that the file knows", []string{"k8s.pod.name", "other-0"}, "10.244.0.10", "pod pod=other-0 node=n1"},
		{"a pod that the file knows, by its name", []string{"k8s.pod.name", "web-shop", "k8s.namespace.name", "webshop"}, "",
			"pod service=web-shop pod=web-shop workload=web-shop kind=Deployment namespace=webshop node=node0 ip=10.244.0.10"},
		{"the same, passed on by another one", []string{"k8s.pod.name", "web-shop", "k8s.namespace.name", "webshop"}, "10.244.1.10",
			"pod service=web-shop pod=web-shop workload=web-shop kind=Deployment namespace=webshop node=node0 ip=10.244.0.10"},
		{"a pod of that name in another namespace", []string{"k8s.pod.name", "web-shop", "k8s.namespace.name", "other"}, "", "pod pod=web-shop namespace=other node=n1"},
		{"a pod behind the address of a node", []string{"service.name", "shop", "k8s.pod.name", "other-0"}, "192.168.0.1", "pod service=shop pod=other-0 node=n1"},
	} {
		r := resource(c.attributes...)
		b := batch(*sent(r, c.ip, "n1"))
		b.OTelResources = []span.Resource{r}
		got := ""
		for _, e := range tagged(t, New(webshopSource(t), nil), b) {
			if e.ID == b.Entity[0] {
				got = words(&e)
			}
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// store is who remembers resources of earlier batches.
type store struct {
	known map[uint64]span.Resource
	asked int
	fails bool
}

func (s *store) Resources(_ context.Context, ids []uint64) (map[uint64]span.Resource, error) {
	s.asked++
	if s.fails {
		return nil, errors.New("the store is away")
	}
	found := map[uint64]span.Resource{}
	for _, id := range ids {
		if r, ok := s.known[id]; ok {
			found[id] = r
		}
	}
	return found, nil
}

// An agent sends a resource once in a while, and a server may be restarted in between.
func TestAResourceOfAnEarlierBatchIsAskedForOnce(t *testing.T) {
	t.Parallel()
	old, new := resource("service.name", "old", "k8s.namespace.name", "a"), resource("service.name", "new", "k8s.namespace.name", "b")
	s := &store{known: map[uint64]span.Resource{old.ID: old}}
	tagger := New(None{}, s)
	send := func(r span.Resource, bring bool) string {
		t.Helper()
		b := batch(*sent(r, "", "n1"), *sent(r, "", "n1"))
		if bring {
			b.OTelResources = []span.Resource{r}
		}
		list := tagged(t, tagger, b)
		if len(list) == 0 {
			return ""
		}
		return list[0].Namespace
	}
	for _, step := range []struct {
		what  string
		r     span.Resource
		bring bool
		want  string
		asked int
	}{
		{"it is in the store", old, false, "a", 1},
		{"it is known now", old, false, "a", 1},
		{"nobody has it", new, false, "", 2},
		{"still nobody, and nobody is asked", new, false, "", 2},
		{"the agent sends it again", new, true, "b", 2},
		{"it is known now, too", new, false, "b", 2},
	} {
		if got := send(step.r, step.bring); got != step.want || s.asked != step.asked {
			t.Errorf("%s: namespace %q, want %q; asked %d times, want %d", step.what, got, step.want, s.asked, step.asked)
		}
	}
	s.fails = true
	if _, err := tagger.Tag(t.Context(), batch(*sent(resource("a", "b"), "", ""))); err == nil || !strings.Contains(err.Error(), "the store is away") {
		t.Errorf("while the store is away: %v", err)
	}
}

// One resource on two nodes, or from two addresses, is two senders; a span's own end of a
// connection is the sender, too.
func TestSendersAreToldApart(t *testing.T) {
	t.Parallel()
	r := resource("service.name", "shop")
	one, two, three := sent(r, "10.0.0.1", "n1"), sent(r, "10.0.0.2", "n1"), sent(r, "10.0.0.1", "n2")
	one.Client, one.Server = addr("10.0.0.1:4000"), addr("10.0.0.9:80")
	b := batch(*one, *two, *one, *three)
	b.OTelResources = []span.Resource{r}
	list := tagged(t, New(None{}, nil), b)
	if len(list) != 4 || b.Entity[0] != b.Entity[2] || b.Entity[0] == b.Entity[1] || b.Entity[0] == b.Entity[3] {
		t.Errorf("%d entities, of rows %v", len(list), b.Entity)
	}
	if b.ClientEntity[0] != b.Entity[0] || b.ServerEntity[0] == b.Entity[0] || b.ServerEntity[0] == 0 {
		t.Errorf("ends %d and %d of entity %d", b.ClientEntity[0], b.ServerEntity[0], b.Entity[0])
	}
}

// Who says no address has an entity by its resource, but who called it, and whom it called, is
// not known: it is not itself.
func TestWhoSaysNoAddressIsNotItsOwnCaller(t *testing.T) {
	t.Parallel()
	r := resource("service.name", "shop")
	b := batch(*sent(r, "", ""))
	b.OTelResources = []span.Resource{r}
	tagged(t, New(None{}, nil), b)
	if b.Entity[0] == 0 || b.ClientEntity[0] != 0 || b.ServerEntity[0] != 0 {
		t.Errorf("entity %d, ends %d and %d", b.Entity[0], b.ClientEntity[0], b.ServerEntity[0])
	}
}

// The address of a collector is not that of the pods whose spans it passes on.
func TestTheAddressOfWhoPassesSpansOnGoes(t *testing.T) {
	t.Parallel()
	r := resource("k8s.pod.name", "other-0")
	one, own := sent(r, "10.244.0.10", "n1"), sent(resource("k8s.pod.name", "web-shop"), "10.244.0.10", "n1")
	one.Client, one.Server = addr("10.244.0.10:0"), addr("10.0.0.9:80")
	b := batch(*one, *own)
	b.OTelResources = []span.Resource{r, resource("k8s.pod.name", "web-shop")}
	tagged(t, New(webshopSource(t), nil), b)
	for s := range b.Spans() {
		if s.OTelResource == r.ID && (s.PodIP.IsValid() || s.Client.Addr().IsValid() || s.ClientEntity != s.Entity && s.ClientEntity != 0 || !s.Server.Addr().IsValid()) {
			t.Errorf("passed on: pod %v, client %v, server %v", s.PodIP, s.Client, s.Server)
		}
		if s.OTelResource != r.ID && !s.PodIP.IsValid() {
			t.Error("sent by itself: its address is gone")
		}
	}
}

// What Kubernetes or the file proved is the same whether or not resources say something else.
func TestResourcesChangeNothingThatIsProven(t *testing.T) {
	t.Parallel()
	r := resource("service.name", "web-shop", "app.host.ip", "10.244.0.10", "k8s.pod.name", "x", "k8s.namespace.name", "y")
	with, without := batch(*sent(r, "10.244.0.10", "node0")), batch(*sent(span.Resource{}, "10.244.0.10", "node0"))
	with.OTelResources = []span.Resource{r}
	a, b := tagged(t, New(webshopSource(t), nil), with), tagged(t, New(webshopSource(t), nil), without)
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("entities (-without +with the resource):\n%s", d)
	}
}

func BenchmarkTagResources(b *testing.B) {
	rows := batch()
	for i := range 10_000 {
		r := resource("service.name", fmt.Sprint("s", i/500), "k8s.namespace.name", "a", "k8s.pod.name", "p")
		rows.Append(sent(r, "10.244.9.9", "n1"))
		if i%500 == 0 {
			rows.OTelResources = append(rows.OTelResources, r)
		}
	}
	tagger := New(None{}, nil)
	tagger.Stored(tagged(b, tagger, rows))
	b.ReportAllocs()
	for b.Loop() {
		tagged(b, tagger, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/span")
}
