package tag

import (
	"cmp"
	"context"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Resources knows OTel resources that came in earlier batches: an agent sends each now and
// then only.
type Resources interface {
	Resources(ctx context.Context, ids []uint64) (map[uint64]span.Resource, error)
}

// described is what an OTel resource says of who sends.
type described struct {
	entity    span.Entity // without node, address and id
	namespace string      // of Kubernetes
	uid       string      // of the pod, as Kubernetes gave it
	stated    bool        // it states its address: that is not the address of who passed it on
}

// labelled are attributes of resources that an entity keeps as labels, so that figures per
// minute, which have no resources, can be filtered by them.
var labelled = map[string]string{
	"service.namespace":           "service.namespace",
	"deployment.environment.name": "deployment.environment.name",
	"deployment.environment":      "deployment.environment.name",
}

// describeResource reads a resource: the names of Kubernetes, of Amazon ECS and of functions.
func describeResource(attributes []span.Attribute) *described {
	of := make(map[string]string, len(attributes))
	d := &described{}
	for _, a := range attributes {
		of[a.Key] = a.Value
	}
	for from, to := range labelled {
		if v := of[from]; v != "" && (from == to || of[to] == "") {
			if d.entity.Labels == nil {
				d.entity.Labels = map[string]string{}
			}
			d.entity.Labels[to] = v
		}
	}
	d.stated = of["app.host.ip"] != "" || of["k8s.pod.ip"] != ""
	e := &d.entity
	e.Service, e.Pod = of["service.name"], of["k8s.pod.name"]
	d.namespace, d.uid = of["k8s.namespace.name"], of["k8s.pod.uid"]
	e.Namespace = cmp.Or(d.namespace, of["service.namespace"])
	e.Cluster = cmp.Or(of["k8s.cluster.name"], lastPart(of["aws.ecs.cluster.arn"]))
	e.Workload, e.WorkloadKind = workload(of)
	if e.Type = "pod"; e.Pod == "" {
		e.Type = "process"
		e.Process = cmp.Or(of["service.instance.id"], of["container.id"], of["container.name"])
	}
	return d
}

// silent reports whether it says nothing of who sends.
func (d *described) silent() bool {
	e := &d.entity
	return e.Service == "" && e.Pod == "" && e.Namespace == "" && e.Workload == "" && e.Process == ""
}

// workload is what a pod, a task or a function is one of.
func workload(of map[string]string) (name, kind string) {
	for _, w := range [...]struct{ key, kind string }{
		{"k8s.deployment.name", "Deployment"}, {"k8s.statefulset.name", "StatefulSet"}, {"k8s.daemonset.name", "DaemonSet"},
		{"k8s.cronjob.name", "CronJob"}, {"k8s.job.name", "Job"},
	} {
		if v := of[w.key]; v != "" {
			return v, w.kind
		}
	}
	if m := ofReplicaSet.FindStringSubmatch(of["k8s.replicaset.name"]); m != nil {
		return m[1], "Deployment"
	}
	if v := of["k8s.replicaset.name"]; v != "" {
		return v, "ReplicaSet"
	}
	if m := ofPod.FindStringSubmatch(of["k8s.pod.name"]); m != nil {
		return m[1], "Deployment"
	}
	if v := of["aws.ecs.task.family"]; v != "" {
		return v, "Task"
	}
	if v := of["faas.name"]; v != "" {
		return v, "Function"
	}
	return "", ""
}

// How Deployments name what they make: a hash of the template and, for pods, five letters of
// an alphabet of their own.
var (
	ofReplicaSet = regexp.MustCompile(`^(.+)-[bcdf-hj-np-tv-xz2456789]{5,10}$`)
	ofPod        = regexp.MustCompile(`^(.+)-[bcdf-hj-np-tv-xz2456789]{8,10}-[bcdf-hj-np-tv-xz2456789]{5}$`)
)

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// sender is a resource as it sends: its process at an address, on a node.
type sender struct {
	resource uint64
	ip       [16]byte
	node     string
	scope    Scope
}

// senders are those of a batch's rows: neighbours share them.
type senders struct {
	tagger *Tagger
	batch  *span.Batch
	last   sender
	node   span.Ref // of last
	entity *named   // who last is
	known  bool
	// from when on and before when that is so
	from, until int64
	// passedOn says that the address is not that of last but of somebody who passed it on.
	passedOn bool
}

// of is who sent row i; use is called for each that was not the row before.
func (s *senders) of(i int, scope Scope, use func(*named) *named) *named {
	b := s.batch
	when := b.Start[i]
	if s.known && b.OTelResource[i] == s.last.resource && b.PodIP[i] == s.last.ip && b.Node[i] == s.node && s.from <= when && when < s.until {
		return s.entity
	}
	s.known, s.node = true, b.Node[i]
	s.last = sender{b.OTelResource[i], b.PodIP[i], b.Strings.String(s.node), scope}
	at := s.tagger.entity(place{ip: s.last.ip, scope: scope}, when)
	s.entity = use(s.tagger.entityOf(at, s.last, when))
	s.from, s.until = math.MinInt64, math.MaxInt64
	if at != nil {
		s.from, s.until = at.from, at.until
	}
	if s.entity != nil {
		s.from, s.until = max(s.from, s.entity.from), min(s.until, s.entity.until)
	}
	s.passedOn = at != nil && at.known && at.Type != "node" && s.entity.ID != at.ID
	return s.entity
}

// entityOf is who sends with a resource. What a source knows of the address goes before what
// the resource says, unless it is the address of somebody else, who passed it on. t.mu is held.
func (t *Tagger) entityOf(own *named, s sender, at int64) *named {
	if s.resource == 0 {
		return own
	}
	d := t.byResource[s.resource]
	if d == nil || d.silent() && d.uid == "" {
		return own
	}
	if d.uid != "" { // no two pods have one
		if e := t.processOf(s.resource, s.scope, at); e != nil {
			return e
		}
	}
	if d.silent() || own != nil && own.proves(d) {
		return own
	}
	if e := t.bySender[s]; e != nil && e.holds(at) {
		return e
	}
	e := &named{known: true, Entity: d.entity, from: math.MinInt64, until: math.MaxInt64}
	if d.entity.Pod != "" {
		if pod, ok := t.source.Pod(PodName{Namespace: d.namespace, Name: d.entity.Pod, Scope: s.scope, At: at}); ok {
			e.Entity, e.from, e.until = pod, at, at+1 // the name may be another pod's at another time
			t.keepSender(s, e)
			return e
		}
	}
	e.Node, e.Labels = s.node, maps.Clone(d.entity.Labels)
	if s.ip != ([16]byte{}) && (own == nil || !own.known || d.stated) {
		e.IP = netip.AddrFrom16(s.ip).Unmap().String()
	}
	e.ID = span.EntityID(&e.Entity)
	t.keepSender(s, e)
	return e
}

func (t *Tagger) keepSender(s sender, e *named) {
	if len(t.bySender) >= maxAddresses {
		clear(t.bySender)
	}
	t.bySender[s] = e
}

// processOf is the pod whose uid a resource has, nil where it has none that is known: control
// groups tell apart what shares an address. t.mu is held.
func (t *Tagger) processOf(resource uint64, scope Scope, at int64) *named {
	if resource == 0 {
		return nil
	}
	d := t.byResource[resource]
	if d == nil || d.uid == "" {
		return nil
	}
	key := sender{resource: resource, scope: scope}
	if e, ok := t.byPod[key]; ok {
		return e
	}
	var e *named
	if pod, ok := t.source.Pod(PodName{UID: d.uid, Scope: scope, At: at}); ok {
		e = &named{Entity: pod, known: true, from: math.MinInt64, until: math.MaxInt64}
	}
	if len(t.byPod) >= maxAddresses {
		clear(t.byPod)
	}
	t.byPod[key] = e
	return e
}

// proves reports whether what is known of an address is said of the resource's sender.
func (n *named) proves(d *described) bool {
	if !n.known || n.Type == "node" {
		return false
	}
	return d.stated || n.Pod == "" || d.entity.Pod == "" || n.Pod == d.entity.Pod
}

// learn reads the resources that the batch brings, and asks for those that came in earlier
// batches.
func (t *Tagger) learn(ctx context.Context, b *span.Batch) error {
	t.mu.Lock()
	for _, r := range b.OTelResources {
		if d, ok := t.byResource[r.ID]; !ok || d == nil {
			t.keep(r.ID, describeResource(r.Attributes))
		}
	}
	var missing []uint64
	last := uint64(0)
	for _, id := range b.OTelResource {
		if id == last {
			continue
		}
		last = id
		if _, ok := t.byResource[id]; !ok && id != 0 {
			missing = append(missing, id)
		}
	}
	t.mu.Unlock()
	if len(missing) == 0 || t.resources == nil {
		return nil
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	found, err := t.resources.Resources(ctx, missing)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range missing {
		var d *described // nil: nobody knows it until an agent sends it again
		if r, ok := found[id]; ok {
			d = describeResource(r.Attributes)
		}
		if t.byResource[id] == nil {
			t.keep(id, d)
		}
	}
	return nil
}

// keep remembers what a resource says; t.mu is held.
func (t *Tagger) keep(id uint64, d *described) {
	if len(t.byResource) >= maxResources {
		clear(t.byResource)
		clear(t.bySender)
		clear(t.byPod)
	}
	t.byResource[id] = d
}
