package kube

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// resources are what is watched. The server's role must let it list and watch each.
var resources = []string{"pods", "nodes", "services", "namespaces", "endpointslices", "replicasets", "jobs"}

// cluster is one that is watched.
type cluster struct {
	*directory
	name       string
	connection *connection
	keys       Keys

	core, discovery rest.Interface
	metadata        metadata.Interface
	synced          chan struct{} // closed once all was listed

	file string // of what is remembered; "": none
}

// codecs know the types of the groups that are read whole.
var codecs = sync.OnceValue(func() serializer.CodecFactory {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	for _, add := range [...]func(*runtime.Scheme) error{corev1.AddToScheme, discoveryv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err) // two types of one name
		}
	}
	return serializer.NewCodecFactory(scheme)
})

func newCluster(p place, c *Config) (*cluster, error) {
	config, err := p.restConfig()
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // a handful of requests that last
	config.UserAgent = "throughline-server"
	config.ContentType, config.AcceptContentTypes = runtime.ContentTypeProtobuf, runtime.ContentTypeProtobuf+","+runtime.ContentTypeJSON
	if c.restful != nil {
		c.restful(config)
	}
	out := &cluster{
		directory: newDirectory(p.name, c.History, c.now), name: p.name, keys: c.Keys,
		connection: newConnection(c.now, resources...), synced: make(chan struct{}),
	}
	if c.Dir != "" {
		out.file = filepath.Join(c.Dir, "kubernetes-"+url.PathEscape(p.name)+".json.gz")
	}
	config.Wrap(out.connection.wrap)
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	if out.core, err = group(config, client, "/api", corev1.SchemeGroupVersion); err != nil {
		return nil, err
	}
	if out.discovery, err = group(config, client, "/apis", discoveryv1.SchemeGroupVersion); err != nil {
		return nil, err
	}
	out.metadata, err = metadata.NewForConfigAndClient(config, client)
	return out, err
}

// group is a client of one API group.
func group(config *rest.Config, client *http.Client, path string, v schema.GroupVersion) (rest.Interface, error) {
	of := rest.CopyConfig(config)
	of.APIPath, of.GroupVersion, of.NegotiatedSerializer = path, &v, codecs().WithoutConversion()
	return rest.RESTClientForConfigAndClient(of, client)
}

// run watches until ctx ends. What others are described by is listed first.
func (c *cluster) run(ctx context.Context, log *slog.Logger) {
	c.recall(log)
	var running sync.WaitGroup
	defer running.Wait()
	replicaSets := c.ofMaker(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"})
	jobs := c.ofMaker(schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"})
	for _, stage := range [...][]informer{
		{replicaSets, jobs, c.ofNamespaces()},
		{c.ofPods(), c.ofNodes(), c.ofServices()},
		{c.ofSlices()},
	} {
		var done []cache.DoneChecker
		for _, i := range stage {
			heard, err := i.listen(c)
			if err != nil {
				c.connection.failed(i.resource, err) // it was started before
				return
			}
			running.Go(func() { i.RunWithContext(ctx) })
			done = append(done, heard)
		}
		if !cache.WaitFor(ctx, "", done...) {
			return
		}
	}
	c.settle()
	close(c.synced)
	tick := time.NewTicker(min(max(c.keep/10, time.Second), time.Minute))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			c.save(log)
			return
		case <-tick.C:
			c.forget()
			c.save(log)
		}
	}
}

// recall takes what was known when a server ran here before.
func (c *cluster) recall(log *slog.Logger) {
	if c.file == "" {
		return
	}
	m, err := readMemory(c.file)
	if err != nil {
		log.Warn("who had addresses before this start is not known", "cluster", c.name, "error", err)
		return
	}
	if m.At != 0 {
		c.restore(m)
	}
}

// save writes what is known.
func (c *cluster) save(log *slog.Logger) {
	if c.file == "" {
		return
	}
	at := c.now()
	if since, _ := c.connection.state(); !since.IsZero() {
		at = since // what happened since is not seen
	}
	if err := c.remember(at.UnixNano()).write(c.file); err != nil {
		log.Warn("the next start will not know who had addresses now", "cluster", c.name, "error", err)
	}
}

// informer is client-go's, of one resource.
type informer struct {
	cache.SharedIndexInformer
	resource string
	cut      func(obj any) any // to what is kept
	set      func(kept any, initial bool)
	end      func(kept any, known int64) // it was there at that moment
}

// listen has an informer tell the directory. The checker is done once it has told all that there
// was in the beginning.
func (i informer) listen(c *cluster) (cache.DoneChecker, error) {
	if err := i.SetTransform(func(obj any) (any, error) { return i.cut(obj), nil }); err != nil {
		return nil, err
	}
	err := i.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) { c.connection.failed(i.resource, err) })
	if err != nil {
		return nil, err
	}
	h, err := i.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(obj any, initial bool) { i.set(obj, initial) },
		UpdateFunc: func(_, obj any) { i.set(obj, false) },
		DeleteFunc: func(obj any) {
			known := c.now()
			if missed, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj, known = missed.Obj, c.connection.before(i.resource)
			}
			i.end(obj, known.UnixNano())
		},
	})
	if err != nil {
		return nil, err
	}
	return h.HasSyncedChecker(), nil
}

// informerOf makes an informer of a resource whose objects are read whole. K is what is kept of a T.
func informerOf[T runtime.Object, K any](client rest.Interface, resource string, example T, cut func(T) K, set func(kept K, initial bool), end func(kept K, known int64)) informer {
	list := cache.ToListWatcherWithWatchListSemantics(cache.NewListWatchFromClient(client, resource, metav1.NamespaceAll, fields.Everything()), client)
	return informer{
		cache.NewSharedIndexInformer(list, example, 0, nil), resource,
		func(obj any) any {
			if whole, ok := obj.(T); ok {
				return cut(whole)
			}
			return obj // it was cut down before
		},
		func(obj any, initial bool) { set(obj.(K), initial) },
		func(obj any, known int64) { end(obj.(K), known) },
	}
}

func (c *cluster) ofPods() informer {
	return informerOf(c.core, "pods", &corev1.Pod{}, func(p *corev1.Pod) *pod { return podOf(p, &c.keys) },
		func(p *pod, initial bool) {
			seen := int64(0)
			if !initial {
				seen = c.now().UnixNano()
			}
			c.setPod(p, seen)
		}, c.endPod)
}

func (c *cluster) ofNodes() informer {
	return informerOf(c.core, "nodes", &corev1.Node{}, func(n *corev1.Node) *node { return nodeOf(n, &c.keys) },
		func(n *node, _ bool) { c.setNode(n) }, func(n *node, _ int64) { c.endNode(n) })
}

func (c *cluster) ofServices() informer {
	return informerOf(c.core, "services", &corev1.Service{}, func(s *corev1.Service) *service { return serviceOf(s, &c.keys) },
		func(s *service, _ bool) { c.setService(s) }, func(s *service, _ int64) { c.endService(s) })
}

func (c *cluster) ofSlices() informer {
	return informerOf(c.discovery, "endpointslices", &discoveryv1.EndpointSlice{}, sliceOf,
		func(s *slice, _ bool) { c.setSlice(s) }, func(s *slice, _ int64) { c.endSlice(s) })
}

// ofNamespaces watches the labels of namespaces, and nothing else of them.
func (c *cluster) ofNamespaces() informer {
	return c.ofMetadata(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, func(m *metav1.PartialObjectMetadata) *described {
		return &described{object: objectOf(&m.ObjectMeta), labels: chosen(m.Labels, c.keys.Labels, "k8s.namespace.label.", nil)}
	}, func(n *described) { c.setNamespace(n.name, n.labels) }, func(n *described) { c.setNamespace(n.name, nil) })
}

// ofMaker watches who made what makes pods, and nothing else of it.
func (c *cluster) ofMaker(resource schema.GroupVersionResource) informer {
	return c.ofMetadata(resource, func(m *metav1.PartialObjectMetadata) *described {
		return &described{object: objectOf(&m.ObjectMeta), maker: controllerOf(m)}
	}, func(m *described) { c.setMaker(m.uid, m.maker) }, func(m *described) { c.endMaker(m.uid) })
}

// described is what is kept of an object of which only the metadata are read.
type described struct {
	object
	labels map[string]string
	maker  controller
}

func (c *cluster) ofMetadata(resource schema.GroupVersionResource, cut func(*metav1.PartialObjectMetadata) *described, set, end func(*described)) informer {
	from := c.metadata.Resource(resource)
	list := cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{ // metadatainformer's would bring the types of all groups
		ListWithContextFunc:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return from.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) { return from.Watch(ctx, o) },
	}, c.metadata)
	return informer{
		cache.NewSharedIndexInformer(list, &metav1.PartialObjectMetadata{}, 0, nil), resource.Resource,
		func(obj any) any {
			if whole, ok := obj.(*metav1.PartialObjectMetadata); ok {
				return cut(whole)
			}
			return obj
		},
		func(obj any, _ bool) { set(obj.(*described)) },
		func(obj any, _ int64) { end(obj.(*described)) },
	}
}

// status is how the watch of a cluster goes.
func (c *cluster) status() Status {
	s := Status{Cluster: c.name}
	select {
	case <-c.synced:
		s.Synced = true
	default:
	}
	since, err := c.connection.state()
	if !since.IsZero() {
		s.LostSince, s.Error = since.UnixNano(), err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	s.Addresses, s.Ended, s.Forgotten = len(c.addresses), len(c.ended), c.forgotten
	for _, o := range c.pods {
		if o.gone == 0 {
			s.Pods++
		}
	}
	for _, o := range c.nodes {
		if o.gone == 0 {
			s.Nodes++
		}
	}
	s.Services = len(c.services)
	return s
}

// String names the cluster in messages.
func (c *cluster) String() string {
	if c.name == "" {
		return "Kubernetes"
	}
	return fmt.Sprintf("cluster %s", c.name)
}
