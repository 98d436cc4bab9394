package kube

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Who had an address, of what is known of two pods: unknown rather than wrong.
func TestOneOfTwo(t *testing.T) {
	t.Parallel()
	a, b := &owner{}, &owner{}
	names := map[*owner]string{nil: "?", a: "a", b: "b"}
	first := tenancy{a, interval{0, 100}, interval{10, 80}}
	lives := tenancy{a, interval{0, open}, interval{10, open}}
	for _, c := range []struct {
		what string
		ts   tenancies
		at   map[int64]string
	}{
		{"nobody", nil, map[int64]string{5: "?"}},
		{"one", tenancies{first}, map[int64]string{-1: "?", 0: "a", 9: "a", 50: "a", 99: "a", 100: "?"}},
		{"one after the other", tenancies{first, {b, interval{100, open}, interval{110, open}}}, map[int64]string{99: "a", 100: "b", 105: "b", 200: "b"}},
		{"both may while the first surely does", tenancies{first, {b, interval{70, open}, interval{110, open}}}, map[int64]string{75: "a", 85: "?", 105: "b"}},
		{"the second is sure before the first is surely gone", tenancies{first, {b, interval{70, open}, interval{90, open}}}, map[int64]string{79: "a", 85: "?", 90: "b", 105: "b"}},
		{"of the first no end is known", tenancies{lives, {b, interval{70, open}, interval{90, open}}}, map[int64]string{60: "a", 89: "a", 90: "b", 1000: "b"}},
		{"the same, in another order", tenancies{{b, interval{70, open}, interval{90, open}}, lives}, map[int64]string{60: "a", 89: "a", 90: "b", 1000: "b"}},
		{"neither is sure", tenancies{{a, interval{0, 100}, interval{0, 0}}, {b, interval{50, open}, interval{200, open}}}, map[int64]string{40: "a", 60: "?", 150: "b"}},
	} {
		for at, want := range c.at {
			who, same := c.ts.at(at)
			if names[who] != want {
				t.Errorf("%s, at %d: %s, want %s", c.what, at, names[who], want)
			}
			for other := max(same.from, at-20); other < min(same.until, at+20); other++ {
				if w, _ := c.ts.at(other); w != who {
					t.Errorf("%s: the answer at %d is said to be that at %d, which is %s", c.what, at, other, names[w])
				}
			}
		}
	}
}

// What a status says of a pod's life.
func TestLifeOf(t *testing.T) {
	t.Parallel()
	moment := func(s int64) metav1.Time { return metav1.Unix(s, 0) }
	at := func(s int64) *metav1.Time { m := moment(s); return &m }
	running := corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: moment(30)}}}
	over := corev1.ContainerStatus{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{StartedAt: moment(25), FinishedAt: moment(90)}}}
	waits := corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}}
	grace := int64(30)
	for _, c := range []struct {
		what string
		pod  corev1.Pod
		want life
	}{
		{"nothing", corev1.Pod{}, life{}},
		{"its node has taken it", corev1.Pod{Status: corev1.PodStatus{StartTime: at(20), ContainerStatuses: []corev1.ContainerStatus{waits}}}, life{began: 20}},
		{"its sandbox is there", corev1.Pod{Status: corev1.PodStatus{StartTime: at(20), Conditions: []corev1.PodCondition{{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue, LastTransitionTime: moment(22)}}, ContainerStatuses: []corev1.ContainerStatus{running}}}, life{began: 20, up: 22}},
		{"of an older Kubernetes", corev1.Pod{Status: corev1.PodStatus{StartTime: at(20), InitContainerStatuses: []corev1.ContainerStatus{over}, ContainerStatuses: []corev1.ContainerStatus{running}}}, life{began: 20, up: 25}},
		{"a container that is started again", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: at(20), ContainerStatuses: []corev1.ContainerStatus{over}}}, life{began: 20, up: 25}},
		{"a Job that is done", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded, StartTime: at(20), ContainerStatuses: []corev1.ContainerStatus{over}}}, life{began: 20, up: 25, finished: 90}},
		{"asked to end", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: at(110), DeletionGracePeriodSeconds: &grace}, Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: at(20), ContainerStatuses: []corev1.ContainerStatus{running, over}}}, life{began: 20, up: 25, asked: 80}},
		{"asked to end, and all has", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: at(110), DeletionGracePeriodSeconds: &grace}, Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: at(20), ContainerStatuses: []corev1.ContainerStatus{over}}}, life{began: 20, up: 25, asked: 80, finished: 90}},
		{"evicted before it was started", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodFailed, StartTime: at(20)}}, life{began: 20}},
	} {
		want := c.want
		for _, v := range []*int64{&want.began, &want.up, &want.asked, &want.finished} {
			*v *= second
		}
		if got := lifeOf(&c.pod); got != want {
			t.Errorf("%s: %+v, want %+v", c.what, got, want)
		}
	}
}

// Who is gone is remembered for as long as asked, and an address by as many as there is room for.
func TestWhoIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	d := newDirectory("", time.Minute, func() time.Time { return now })
	ip := addresses("10.1.0.1")
	for i := range 3 * maxTenants {
		p := &pod{object: object{namespace: "a", name: "p", uid: string(rune('A' + i)), created: now.UnixNano()}, ips: ip}
		d.setPod(p, now.UnixNano())
		now = now.Add(10 * time.Millisecond)
		d.endPod(p, now.UnixNano())
	}
	if n := len(d.addresses[ip[0]]); n != maxTenants {
		t.Errorf("%d owners of one address are remembered, want %d", n, maxTenants)
	}
	now = now.Add(2 * time.Minute)
	d.forget()
	if len(d.addresses)+len(d.pods)+len(d.names)+len(d.ended)+len(d.orphans) != 0 {
		t.Errorf("after a while: %d addresses, %d pods, %d names, %d ended", len(d.addresses), len(d.pods), len(d.names), len(d.ended))
	}
}
