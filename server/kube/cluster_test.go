package kube

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/server/tag"
)

// One cluster through its life, as a real API server tells it: pods are made, moved and gone,
// addresses are given again, the watch breaks and is taken up.
func TestWhoHadAnAddressWhen(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	real := s.real
	web := owned("ReplicaSet", "web-7d9f8b6c5", real.uid(t, "/apis/apps/v1/namespaces/shop/replicasets/web-7d9f8b6c5"))
	job := owned("Job", "report-28412345", real.uid(t, "/apis/batch/v1/namespaces/shop/jobs/report-28412345"))
	database := owned("StatefulSet", "db", "0b1e7a5e-8d3f-4a53-9a55-000000000003")
	daemons := owned("DaemonSet", "exporter", "0b1e7a5e-8d3f-4a53-9a55-000000000004")
	first := someone{name: "web-7d9f8b6c5-aaaaa", ip: "10.244.0.10", node: "n1", controller: web, labels: m{"app": "web", "not": "chosen"}, annotations: m{"owner": "ann"}}
	second := someone{name: "web-7d9f8b6c5-bbbbb", ip: "10.244.0.11", node: "n1", controller: web}
	exporter := someone{name: "exporter-h2x9z", ip: "10.0.0.1", node: "n1", controller: daemons, hostNetwork: true}
	report := someone{name: "report-28412345-x7k2p", ip: "10.244.0.20", node: "n1", controller: job}
	for _, p := range []someone{first, second, exporter, report} {
		real.create(t, p)
		real.status(t, p.name, running(p, s.at(-60), s.at(-58)))
	}
	real.status(t, report.name, ended("Succeeded", s.at(-58), s.at(30)))
	real.slice(t, first, second)
	s.watch()

	// What there was before the server began.
	s.tenants("10.244.0.10", tenant{-61, "?", "before it was made"}, tenant{60, "pod web-7d9f8b6c5-aaaaa", "while it runs"})
	s.tenants("10.244.0.20", tenant{29, "pod report-28412345-x7k2p", "while the Job ran"}, tenant{32, "?", "after it has ended"})
	s.tenants("10.0.0.1", tenant{60, "node n1", "a pod of the host's network has no address of its own"})
	s.tenants("10.96.0.50", tenant{60, "service front", "a ClusterIP"})
	entity := func(ip string) span.Entity {
		e := s.Lookup(tag.Question{Addr: netip.MustParseAddr(ip), At: s.at(20).UnixNano()}).Entity
		e.ID = 0
		return e
	}
	for _, c := range []struct {
		ip   string
		want span.Entity
	}{
		{first.ip, span.Entity{Type: "pod", Service: "web", Pod: first.name, Workload: "web", WorkloadKind: "Deployment", Namespace: "shop", Node: "n1", Cluster: "eu", IP: first.ip,
			Labels: map[string]string{"k8s.pod.label.app": "web", "k8s.pod.annotation.owner": "ann", "k8s.namespace.label.team": "sales"}}},
		{report.ip, span.Entity{Type: "pod", Service: "report", Pod: report.name, Workload: "report", WorkloadKind: "CronJob", Namespace: "shop", Node: "n1", Cluster: "eu", IP: report.ip,
			Labels: map[string]string{"k8s.namespace.label.team": "sales"}}},
		{"10.96.0.50", span.Entity{Type: "service", Service: "front", Workload: "web", WorkloadKind: "Deployment", Namespace: "shop", Cluster: "eu", IP: "10.96.0.50",
			Labels: map[string]string{"k8s.service.label.team": "web"}}},
	} {
		if d := cmp.Diff(c.want, entity(c.ip)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.ip, d)
		}
	}
	nodePort := func(port uint16, transport uint8) string {
		return name(s.Lookup(tag.Question{Addr: netip.MustParseAddr("10.0.0.2"), Port: port, Transport: transport, At: s.at(20).UnixNano()}))
	}
	if a, b, c := nodePort(30080, 6), nodePort(30080, 17), nodePort(22, 6); a != "service front" || b != "node n2" || c != "node n2" {
		t.Errorf("NodePort: %s; its number of UDP: %s; another port: %s", a, b, c)
	}

	// Its uid tells a pod that shares its address, but says nothing of who it talks to.
	uid := resourceOf("k8s.pod.uid", s.podUID(exporter.name))
	ask := func(point span.Point, of span.Resource) (string, string, string) {
		return s.tagged(&span.Span{Point: point, Start: s.at(60).UnixNano(), Node: "n1", PodIP: netip.MustParseAddr("10.0.0.1"),
			Client: netip.MustParseAddrPort("10.0.0.1:40000"), Server: netip.MustParseAddrPort("127.0.0.1:9100")}, of)
	}
	if own, client, server := ask(span.PointClientProcess, uid); own != "pod exporter-h2x9z" || client != own || server != "node n1" {
		t.Errorf("host network, with a uid: %s; %s -> %s", own, client, server)
	}
	if own, client, server := ask(span.PointServerProcess, uid); own != "pod exporter-h2x9z" || client != "node n1" || server != own {
		t.Errorf("host network, with a uid, asked: %s; %s -> %s", own, client, server)
	}
	if own, _, _ := ask(span.PointClientProcess, span.Resource{}); own != "node n1" {
		t.Errorf("host network, without a uid: %s", own)
	}
	if own, _, _ := ask(span.PointClientProcess, resourceOf("k8s.pod.uid", "0b1e7a5e-0000-0000-0000-000000000000")); own != "node n1" {
		t.Errorf("host network, with a uid that is not known: %s", own)
	}

	// A pod goes, and its address is another one's before anybody says it is gone.
	db := someone{name: "db-0", ip: "10.244.0.10", node: "n1", controller: database}
	s.then(100)
	real.askToEnd(t, first.name)
	s.then(104)
	real.create(t, db)
	real.status(t, db.name, m{"phase": "Pending", "startTime": stamp(s.at(104))})
	s.then(106)
	real.status(t, first.name, ended("Running", s.at(-58), s.at(106)))
	real.remove(t, first.name)
	s.then(110)
	real.status(t, db.name, running(db, s.at(104), s.at(108)))
	s.until("db-0 has its address", func() bool { return s.who("10.244.0.10", 109.5) == "pod db-0" })
	s.tenants("10.244.0.10",
		tenant{99, "pod web-7d9f8b6c5-aaaaa", "before"}, tenant{103, "pod web-7d9f8b6c5-aaaaa", "asked to end"},
		tenant{105, "pod web-7d9f8b6c5-aaaaa", "it still runs, and the next one was begun"},
		tenant{106.5, "?", "the second in which it ended, while the next one may have it"},
		tenant{108.5, "pod db-0", "nobody else can have it"}, tenant{1000, "pod db-0", "after"})
	for _, c := range []struct {
		seconds float64
		want    string
	}{{99, "pod web-7d9f8b6c5-aaaaa"}, {106.5, "? 10.244.0.10"}, {111, "pod db-0"}, {99, "pod web-7d9f8b6c5-aaaaa"}} {
		own, client, server := s.tagged(&span.Span{Point: span.PointServerProcess, Start: s.at(c.seconds).UnixNano(), PodIP: netip.MustParseAddr("10.244.0.10"), Node: "n1",
			Client: netip.MustParseAddrPort("10.244.0.11:40000"), Server: netip.MustParseAddrPort("10.244.0.10:8080")}, span.Resource{})
		if own != c.want || client != "pod web-7d9f8b6c5-bbbbb" || server != c.want {
			t.Errorf("traffic at %v s: %s; %s -> %s; want %s", c.seconds, own, client, server, c.want)
		}
	}
	if e, ok := s.Pod(tag.PodName{UID: s.podUID(first.name)}); !ok || e.Pod != first.name {
		t.Errorf("who is gone is known by its uid: %v %s", ok, e.Pod)
	}

	// It moves to another node, where it has another address, under its old name.
	moved := db
	moved.node, moved.ip = "n2", "10.244.1.7"
	s.then(200)
	real.askToEnd(t, db.name)
	real.status(t, db.name, ended("Running", s.at(108), s.at(201)))
	real.remove(t, db.name)
	real.create(t, moved)
	s.then(210)
	real.status(t, moved.name, running(moved, s.at(204), s.at(206)))
	s.until("db-0 has moved", func() bool { return s.who("10.244.1.7", 211) == "pod db-0" })
	s.tenants("10.244.0.10", tenant{200, "pod db-0", "before it moved"}, tenant{203, "?", "after"})
	if e, ok := s.Pod(tag.PodName{Namespace: "shop", Name: "db-0", At: s.at(209).UnixNano()}); !ok || e.Node != "n2" {
		t.Errorf("db-0 after it moved: %v on %q", ok, e.Node)
	}

	// The address of a Job's pod that has ended is given again, while the pod is still listed.
	again := someone{name: "web-7d9f8b6c5-ccccc", ip: report.ip, node: "n1", controller: web}
	s.then(220)
	real.create(t, again)
	real.status(t, again.name, running(again, s.at(221), s.at(222)))
	s.until("the address of the Job's pod is another one's", func() bool { return s.who(report.ip, 223) == "pod web-7d9f8b6c5-ccccc" })
	s.tenants(report.ip, tenant{29, "pod report-28412345-x7k2p", "the Job"}, tenant{100, "?", "nobody"}, tenant{500, "pod web-7d9f8b6c5-ccccc", "the next one"})

	// The API server is away: what was known last is kept, and is said to be old.
	s.then(300)
	s.leave()
	s.until("it is seen that it is away", func() bool { return s.blind() && s.Status()[0].Error != "" })
	if since := s.Status()[0].LostSince; since != s.at(300).UnixNano() {
		t.Errorf("away since %v, want %v", time.Unix(0, since).Sub(s.begun), 300*time.Second)
	}
	s.tenants("10.244.0.11", tenant{301, "pod web-7d9f8b6c5-bbbbb", "while the API server is away"})
	late := someone{name: "web-7d9f8b6c5-ddddd", ip: second.ip, node: "n1", controller: web}
	real.remove(t, second.name)
	real.create(t, late)
	real.status(t, late.name, running(late, s.at(310), s.at(312)))
	s.then(400)
	s.comeBack(false)
	s.until("what was missed comes", func() bool { return s.who(late.ip, 401) == "pod web-7d9f8b6c5-ddddd" })
	s.until("all is watched again", func() bool { return s.Status()[0].LostSince == 0 })
	s.tenants(late.ip, tenant{305, "pod web-7d9f8b6c5-bbbbb", "before it was gone"}, tenant{314, "pod web-7d9f8b6c5-ddddd", "after"})

	// The same, and what the watch asks for is too old (410): all is listed, and who is gone was
	// never said to be.
	s.then(500)
	s.leave()
	s.until("it is seen that it is away", s.blind)
	last := someone{name: "web-7d9f8b6c5-eeeee", ip: late.ip, node: "n1", controller: web}
	real.remove(t, late.name)
	real.create(t, last)
	real.status(t, last.name, running(last, s.at(510), s.at(512)))
	s.then(600)
	s.comeBack(true)
	s.until("what was missed comes", func() bool { return s.who(last.ip, 601) == "pod web-7d9f8b6c5-eeeee" })
	s.until("who is gone is gone", func() bool { return s.Status()[0].Pods == 5 })
	s.tenants(last.ip, tenant{499, "pod web-7d9f8b6c5-ddddd", "while it was seen"},
		tenant{505, "pod web-7d9f8b6c5-ddddd", "nobody else was begun"}, tenant{511, "?", "one of two"}, tenant{513, "pod web-7d9f8b6c5-eeeee", "the other one"})
	if n := s.Status()[0]; !n.Synced || n.Nodes != 2 || n.Ended != 4 {
		t.Errorf("status: %+v", n)
	}
}

func resourceOf(key, value string) span.Resource {
	r := span.Resource{Attributes: []span.Attribute{{Key: key, Value: value, Type: span.AttributeString}}}
	r.ID = span.ResourceID(r.Attributes)
	return r
}
