package kube

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
)

// pod is what is kept of a pod.
type pod struct {
	object
	node        string
	ips         []netip.Addr
	hostNetwork bool
	controller  controller
	service     string // that it says it is
	labels      map[string]string
	life        life
}

// life is what a pod's status says of when it had its address; Unix nanoseconds of whole seconds,
// 0 where it does not say.
type life struct {
	began    int64 // the node took it
	up       int64 // it has its address since this second, or an earlier one
	asked    int64 // it was asked to end
	finished int64 // its last container ended; nothing of it runs any more
}

// serviceNames says which service a pod is of: the first that is there.
// https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
const (
	serviceAnnotation = "resource.opentelemetry.io/service.name"
	nameLabel         = "app.kubernetes.io/name"
)

func podOf(p *corev1.Pod, k *Keys) *pod {
	out := &pod{
		object: objectOf(&p.ObjectMeta), node: same(p.Spec.NodeName), hostNetwork: p.Spec.HostNetwork, controller: controllerOf(p),
		service: same(p.Annotations[serviceAnnotation]), life: lifeOf(p),
	}
	if out.service == "" && out.controller == (controller{}) {
		out.service = same(p.Labels[nameLabel])
	}
	out.labels = chosen(p.Labels, k.Labels, "k8s.pod.label.", nil)
	out.labels = chosen(p.Annotations, k.Annotations, "k8s.pod.annotation.", out.labels)
	texts := []string{p.Status.PodIP}
	for _, ip := range p.Status.PodIPs {
		if ip.IP != p.Status.PodIP {
			texts = append(texts, ip.IP)
		}
	}
	out.ips = addresses(texts...)
	return out
}

func lifeOf(p *corev1.Pod) life {
	l := life{began: nanoseconds(p.Status.StartTime)}
	earliest := func(t int64) {
		if t != 0 && (l.up == 0 || t < l.up) {
			l.up = t
		}
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReadyToStartContainers && c.Status == corev1.ConditionTrue {
			earliest(nanoseconds(&c.LastTransitionTime))
		}
	}
	ended, running := int64(0), false
	for _, list := range [...][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses, p.Status.EphemeralContainerStatuses} {
		for i := range list {
			s := &list[i].State
			switch {
			case s.Running != nil:
				running = true
				earliest(nanoseconds(&s.Running.StartedAt))
			case s.Terminated != nil:
				earliest(nanoseconds(&s.Terminated.StartedAt))
				ended = max(ended, nanoseconds(&s.Terminated.FinishedAt))
			}
		}
	}
	if t := p.DeletionTimestamp; t != nil {
		l.asked = nanoseconds(t)
		if g := p.DeletionGracePeriodSeconds; g != nil {
			l.asked -= *g * second
		}
	}
	over := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	if !running && (over || l.asked != 0) {
		l.finished = ended
	}
	return l
}
