package kube

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/throughline-io/throughline/pkg/span"
)

// tcp is the IP protocol number of what a port is of, unless somebody says.
const tcp = 6

// service is what is kept of a Service.
type service struct {
	object
	ips    []netip.Addr // by which it is asked, wherever
	ports  []nodePort   // that all nodes have for it
	labels map[string]string
	owner  *owner
}

// slice is what is kept of an EndpointSlice: the pods behind a service, by uid.
type slice struct {
	object
	service string
	pods    []string
}

func serviceOf(s *corev1.Service, k *Keys) *service {
	out := &service{object: objectOf(&s.ObjectMeta), labels: chosen(s.Labels, k.Labels, "k8s.service.label.", nil)}
	texts := append(append([]string(nil), s.Spec.ClusterIPs...), s.Spec.ExternalIPs...)
	if len(s.Spec.ClusterIPs) == 0 {
		texts = append(texts, s.Spec.ClusterIP)
	}
	for _, in := range s.Status.LoadBalancer.Ingress {
		texts = append(texts, in.IP)
	}
	out.ips = addresses(texts...) // "None" is no address
	for _, p := range s.Spec.Ports {
		if p.NodePort == 0 {
			continue
		}
		transport := uint8(tcp)
		switch p.Protocol {
		case corev1.ProtocolUDP:
			transport = 17
		case corev1.ProtocolSCTP:
			transport = 132
		case corev1.ProtocolTCP:
		}
		out.ports = append(out.ports, nodePort{uint16(p.NodePort), transport})
	}
	return out
}

func sliceOf(s *discoveryv1.EndpointSlice) *slice {
	out := &slice{object: objectOf(&s.ObjectMeta), service: same(s.Labels[discoveryv1.LabelServiceName])}
	for i := range s.Endpoints {
		if r := s.Endpoints[i].TargetRef; r != nil && r.Kind == "Pod" {
			out.pods = append(out.pods, string(r.UID))
		}
	}
	return out
}

// setService takes a service as it is now.
func (d *directory) setService(s *service) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.services[s.uid]; old != nil {
		s.owner = old.owner
	} else {
		s.owner = &owner{uid: s.uid}
	}
	if s.owner.gone != 0 {
		return
	}
	s.owner.restored = false
	d.services[s.uid], d.named[podName{s.namespace, s.name}] = s, s
	d.describeService(s)
	d.hold(s.owner, s.ips, s.created)
	d.holdPorts(s.owner, s.ports, s.created)
	d.changed()
}

// endService takes that a service is gone.
func (d *directory) endService(s *service) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.services[s.uid]
	if known == nil {
		return
	}
	delete(d.services, s.uid)
	if name := (podName{s.namespace, s.name}); d.named[name] == known {
		delete(d.named, name)
	}
	d.end(known.owner)
	d.hold(known.owner, nil, s.created)
	d.holdPorts(known.owner, nil, s.created)
	d.changed()
}

// holdPorts is hold of ports; d.mu is held.
func (d *directory) holdPorts(o *owner, ports []nodePort, created int64) {
	now := d.now().UnixNano()
	has := map[nodePort]bool{}
	for _, p := range ports {
		has[p] = true
	}
	for _, p := range o.ports {
		if t := d.ports[p].find(o); t != nil && t.may.until == open && !has[p] {
			t.may.until, t.sure.until = now, now
			*t = t.ordered()
		}
	}
	for _, p := range ports {
		if t := d.ports[p].find(o); t == nil || t.may.until != open {
			d.setPort(p, tenancy{owner: o, may: interval{created, open}, sure: interval{created, open}})
		}
	}
}

// describeService makes a service's entity, again; d.mu is held. Its workload is that of the pods
// behind it, where they are all of one.
func (d *directory) describeService(s *service) {
	e := span.Entity{Type: "service", Service: s.name, Namespace: s.namespace, Cluster: d.cluster, Labels: s.labels}
	if len(s.ips) > 0 {
		e.IP = s.ips[0].String()
	}
	several := false
	for _, sl := range d.slices[podName{s.namespace, s.name}] {
		for _, uid := range sl.pods {
			o := d.pods[uid]
			if o == nil {
				continue
			}
			if e.Workload == "" {
				e.Workload, e.WorkloadKind = o.entity.Workload, o.entity.WorkloadKind
			}
			several = several || e.Workload != o.entity.Workload || e.WorkloadKind != o.entity.WorkloadKind
		}
	}
	if several {
		e.Workload, e.WorkloadKind = "", ""
	}
	e.ID = span.EntityID(&e)
	if e.ID != s.owner.entity.ID {
		s.owner.entity = e
		d.changed()
	}
}

// setSlice takes the pods behind a service.
func (d *directory) setSlice(s *slice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := podName{s.namespace, s.service}
	if d.slices[of] == nil {
		d.slices[of] = map[string]*slice{}
	}
	d.slices[of][s.name] = s
	d.behind(of)
}

// endSlice takes that a slice is gone.
func (d *directory) endSlice(s *slice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := podName{s.namespace, s.service}
	if delete(d.slices[of], s.name); len(d.slices[of]) == 0 {
		delete(d.slices, of)
	}
	d.behind(of)
}

func (d *directory) behind(service podName) {
	if s := d.named[service]; s != nil {
		d.describeService(s)
	}
}
