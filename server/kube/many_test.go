package kube

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path"
	"runtime"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/throughline-io/throughline/server/tag"
)

var pods = flag.Int("pods", 10_000, "pods of TestManyPods")

// Memory and time for many pods: of a real API server with -apiserver, else of one that has nothing
// but a list of them. It is not parallel: it measures memory.
func TestManyPods(t *testing.T) {
	url, token := manyPods(t, *pods), "x"
	if real := realAPI(); real != nil {
		url, token = real.url, real.token
		real.load(t, *pods)
	}
	source, err := New(Config{Clusters: []string{kubeconfig(t, url)}, restful: restful(token)})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	began := time.Now()
	done := make(chan struct{})
	go func() { defer close(done); source.Run(t.Context(), slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	t.Cleanup(func() { <-done })
	if err := source.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	took, kept := time.Since(began), heap()-before
	t.Logf("%d pods: known after %v, %d bytes of memory each", *pods, took.Round(time.Millisecond), kept/int64(*pods))
	if n := source.Status()[0]; n.Pods < *pods {
		t.Errorf("%d pods, want %d", n.Pods, *pods)
	}
	if kept > int64(*pods)*5000 {
		t.Errorf("%d bytes are kept of each pod", kept/int64(*pods))
	}
	for _, i := range []int{0, 1, *pods / 2, *pods - 1} {
		if a := source.Lookup(tag.Question{Addr: podAddress(i), At: time.Now().UnixNano()}); !a.Known || a.Entity.Pod != fmt.Sprintf("web-7d9f8b6c5-%05d", i) {
			t.Errorf("pod %d: %+v", i, a)
		}
	}
	if allocations := testing.AllocsPerRun(100, func() { source.Lookup(tag.Question{Addr: podAddress(7), At: began.UnixNano()}) }); allocations > 0 {
		t.Errorf("a look-up takes memory %v times", allocations)
	}
}

func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

func podAddress(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

// many is a pod as a kubelet describes it, with what is not kept.
func many(i int) corev1.Pod {
	up := metav1.NewTime(time.Now().Add(-time.Hour).Truncate(time.Second))
	yes := true
	env := make([]corev1.EnvVar, 20)
	for k := range env {
		env[k] = corev1.EnvVar{Name: fmt.Sprintf("SETTING_%d", k), Value: fmt.Sprintf("of pod %d, which nobody asks for", i)}
	}
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("web-7d9f8b6c5-%05d", i), Namespace: "load", UID: "", ResourceVersion: fmt.Sprint(i + 1), Labels: map[string]string{"app": "web", "pod-template-hash": "7d9f8b6c5"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-7d9f8b6c5", UID: "0b1e7a5e-8d3f-4a53-9a55-000000000001", Controller: &yes}}},
		Spec: corev1.PodSpec{NodeName: fmt.Sprintf("node%d", i%100), Containers: []corev1.Container{{Name: "web", Image: "registry.example/web:1", Env: env}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &up, PodIP: podAddress(i).String(), PodIPs: []corev1.PodIP{{IP: podAddress(i).String()}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "web", Image: "registry.example/web:1", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: up}}}}},
	}
}

// manyPods is an API server that lists pods, and nothing else, and on which nothing happens.
func manyPods(t *testing.T, n int) string {
	list := corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}, ListMeta: metav1.ListMeta{ResourceVersion: "1"}}
	for i := range n {
		p := many(i)
		p.UID = types.UID(fmt.Sprintf("0b1e7a5e-8d3f-4a53-9a55-%012d", i))
		list.Items = append(list.Items, p)
	}
	protobuf, _ := apiruntime.SerializerInfoForMediaType(codecs().SupportedMediaTypes(), apiruntime.ContentTypeProtobuf)
	body, err := apiruntime.Encode(codecs().EncoderForVersion(protobuf.Serializer, corev1.SchemeGroupVersion), &list)
	if err != nil {
		t.Fatal(err)
	}
	return listing(t, apiruntime.ContentTypeProtobuf, func() []byte { return body })
}

// listing is an API server on which nothing happens, and whose list of pods is what pods says; there is nothing else.
func listing(t *testing.T, contentType string, pods func() []byte) string {
	empty := `{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"1"},"items":[]}`
	kinds := map[string]string{"nodes": `{"apiVersion":"v1","kind":"NodeList","metadata":{"resourceVersion":"1"}}`, "services": `{"apiVersion":"v1","kind":"ServiceList","metadata":{"resourceVersion":"1"}}`,
		"endpointslices": `{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSliceList","metadata":{"resourceVersion":"1"}}`}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resource := path.Base(r.URL.Path)
		switch q := r.URL.Query(); {
		case q.Get("sendInitialEvents") != "": // as servers before 1.32 do: it is listed, then
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422,"message":"sendInitialEvents is forbidden for watch"}`)
		case q.Get("watch") != "":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case resource == "pods":
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(pods())
		default:
			w.Header().Set("Content-Type", "application/json")
			if text := kinds[resource]; text != "" {
				fmt.Fprint(w, text)
				return
			}
			fmt.Fprint(w, empty)
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

// load makes pods in a real API server, with addresses.
func (a *api) load(t *testing.T, n int) {
	t.Helper()
	a.do(t, http.MethodPost, "/api/v1/namespaces", m{"metadata": m{"name": "load"}})
	began := time.Now()
	var work sync.WaitGroup
	next := make(chan int)
	for range 16 {
		work.Go(func() {
			for i := range next {
				p := many(i)
				p.ResourceVersion = ""
				status := p.Status
				a.do(t, http.MethodPost, "/api/v1/namespaces/load/pods", p)
				a.do(t, http.MethodPatch, "/api/v1/namespaces/load/pods/"+p.Name+"/status", m{"status": status})
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	work.Wait()
	t.Logf("%d pods were made in %v", n, time.Since(began).Round(time.Millisecond))
}
