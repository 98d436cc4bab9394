package kube

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/throughline-io/throughline/server/tag"
)

// restarted is a server that watches, stops and starts again on one folder.
type restarted struct {
	*testing.T
	dir, url string
	begun    time.Time
	clock    atomic.Int64
	pods     []corev1.Pod
}

func (r *restarted) at(seconds int) time.Time {
	return r.begun.Add(time.Duration(seconds) * time.Second)
}

// pod is one whose container runs from a moment on.
func (r *restarted) pod(name, ip string, seconds int) corev1.Pod {
	up := metav1.NewTime(r.at(seconds))
	return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop", UID: types.UID("uid-of-" + name), ResourceVersion: "1", CreationTimestamp: up}, Spec: corev1.PodSpec{NodeName: "n1"},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &up, PodIP: ip, ContainerStatuses: []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: up}}}}}}
}

// run watches from a moment until another, with calls between.
func (r *restarted) run(from, until int, url string, synced bool, between func(*Source)) {
	r.Helper()
	r.clock.Store(r.at(from).UnixNano())
	source, err := New(Config{Clusters: []string{"eu=" + kubeconfig(r.T, url)}, Dir: r.dir, now: func() time.Time { return time.Unix(0, r.clock.Load()) }, restful: restful("x")})
	if err != nil {
		r.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan struct{})
	go func() { defer close(done); source.Run(ctx, slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	if synced {
		if err := source.Wait(ctx); err != nil {
			r.Error(err)
		}
	} else {
		(&scenario{T: r.T}).until("the file is read", func() bool { return source.Version() > 0 })
	}
	between(source)
	r.clock.Store(r.at(until).UnixNano())
	cancel()
	<-done
}

// A server that is started again knows who had an address before, also of those who went while it did not run; and who had one while
// nobody looked is not made up.
func TestARestartedServerKnowsWhoHadAnAddress(t *testing.T) {
	t.Parallel()
	r := &restarted{T: t, dir: filepath.Join(t.TempDir(), "kubernetes"), begun: time.Now().Add(-time.Hour).Truncate(time.Second)}
	r.url = listing(t, "application/json", func() []byte {
		text, err := json.Marshal(corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}, ListMeta: metav1.ListMeta{ResourceVersion: "1"}, Items: r.pods})
		if err != nil {
			t.Error(err)
		}
		return text
	})
	who := func(s *Source, ip string, seconds int) string {
		return name(s.Lookup(tag.Question{Addr: netip.MustParseAddr(ip), At: r.at(seconds).UnixNano()}))
	}
	check := func(s *Source, all ...tenant) {
		t.Helper()
		for _, w := range all {
			ip := "10.244.0.10"
			if got := who(s, ip, int(w.seconds)); got != w.who {
				t.Errorf("%s at %v s, %s: %s, want %s", ip, w.seconds, w.when, got, w.who)
			}
		}
	}
	r.pods = []corev1.Pod{r.pod("goes", "10.244.0.10", 0), r.pod("stays", "10.244.0.11", 0)}
	r.run(10, 100, r.url, true, func(s *Source) {
		d := s.clusters[0].directory
		gone := r.pod("went", "10.244.0.12", 5)
		p := podOf(&gone, &Keys{})
		d.setPod(p, 0)
		r.clock.Store(r.at(50).UnixNano())
		d.endPod(p, r.at(50).UnixNano())
		check(s, tenant{20, "pod goes", "while it is seen"})
	})

	// The API server is away: what was known last stays in force.
	r.run(150, 160, "http://127.0.0.1:1", false, func(s *Source) { check(s, tenant{150, "pod goes", "nobody said otherwise"}) })

	// It is back, and one pod has the other's address since second 200.
	r.pods = []corev1.Pod{r.pod("follows", "10.244.0.10", 200), r.pod("stays", "10.244.0.11", 0)}
	again := func(s *Source) {
		check(s, tenant{20, "pod goes", "while it was seen"}, tenant{100, "pod goes", "nobody else was begun"}, tenant{200, "?", "one of two"}, tenant{202, "pod follows", "since its container runs"})
		for ip, want := range map[string]string{"10.244.0.11": "pod stays", "10.244.0.12": "pod went", "10.244.0.13": "?"} {
			if got := who(s, ip, 40); got != want {
				t.Errorf("%s: %s, want %s", ip, got, want)
			}
		}
		if got := who(s, "10.244.0.12", 60); got != "?" {
			t.Errorf("behind its end: %s", got)
		}
		if n := s.Status()[0]; n.Pods != 2 || n.Ended != 2 {
			t.Errorf("%d pods, %d that ended; want 2 and 2", n.Pods, n.Ended)
		}
		if e, ok := s.Pod(tag.PodName{UID: "uid-of-went"}); !ok || e.Pod != "went" {
			t.Errorf("by its uid: %v %+v", ok, e)
		}
	}
	r.run(300, 310, r.url, true, again)
	r.run(320, 330, r.url, true, again) // and once more

	// What is gone for longer than is kept is forgotten, and a damaged file is no reason not to start.
	r.run(8000, 8001, r.url, true, func(s *Source) {
		s.clusters[0].forget()
		if got := who(s, "10.244.0.12", 40); got != "?" {
			t.Errorf("what is long gone: %s", got)
		}
	})
	files, err := filepath.Glob(filepath.Join(r.dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v, want one file", files, err)
	}
	if err := os.Truncate(files[0], 40); err != nil {
		t.Fatal(err)
	}
	r.run(8010, 8011, r.url, true, func(s *Source) {
		if got := who(s, "10.244.0.11", 8010); got != "pod stays" {
			t.Errorf("after the file was damaged: %s", got)
		}
	})
}

// Nodes and services, too: their ports are asked for on all nodes.
func TestNodesAndServicesAreRemembered(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	clock := func() time.Time { return now }
	before := newDirectory("eu", time.Hour, clock)
	n := &node{object: object{name: "n1", uid: "node", created: 5e9}, ips: addresses("10.0.0.1")}
	s := &service{object: object{namespace: "shop", name: "front", uid: "service", created: 6e9}, ips: addresses("10.96.0.1"), ports: []nodePort{{30080, tcp}}}
	before.setNode(n)
	before.setService(s)
	file := filepath.Join(t.TempDir(), "a", "file")
	if err := before.remember(now.UnixNano()).write(file); err != nil {
		t.Fatal(err)
	}
	for _, there := range []bool{true, false} {
		now = time.Unix(1100, 0)
		m, err := readMemory(file)
		if err != nil {
			t.Fatal(err)
		}
		d := newDirectory("eu", time.Hour, clock)
		d.restore(m)
		if there {
			again := *s
			again.owner = nil
			d.setNode(n)
			d.setService(&again)
		}
		d.settle()
		for _, c := range []struct {
			ip      string
			port    uint16
			at      int64
			want    string
			removed string
		}{
			{"10.0.0.1", 0, 900, "node n1", "node n1"}, {"10.96.0.1", 80, 900, "service front", "service front"}, {"10.0.0.1", 30080, 900, "service front", "service front"},
			{"10.0.0.1", 0, 1200, "node n1", "?"}, {"10.96.0.1", 80, 1200, "service front", "?"}, {"10.0.0.1", 30080, 1200, "service front", "?"},
		} {
			want := c.want
			if !there {
				want = c.removed
			}
			if got := name(d.lookup(tag.Question{Addr: netip.MustParseAddr(c.ip), Port: c.port, At: c.at * 1e9})); got != want {
				t.Errorf("there: %v; %s:%d at %d: %s, want %s", there, c.ip, c.port, c.at, got, want)
			}
		}
	}
}
