package kube

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// m is an object of Kubernetes, as it is written.
type m = map[string]any

// stamp spells a time as Kubernetes does.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// someone is a pod of the scenario.
type someone struct {
	name, ip, node string
	controller     m
	hostNetwork    bool
	labels         m
	annotations    m
}

func owned(kind, name, uid string) m {
	version := map[string]string{"ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Deployment": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1"}[kind]
	return m{"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true}
}

const shopPods = "/api/v1/namespaces/shop/pods"

// create makes a pod that has no address yet.
func (a *api) create(t *testing.T, p someone) {
	t.Helper()
	meta := m{"name": p.name, "labels": p.labels, "annotations": p.annotations}
	if p.controller != nil {
		meta["ownerReferences"] = []m{p.controller}
	}
	a.do(t, http.MethodPost, shopPods, m{"metadata": meta, "spec": m{
		"nodeName": p.node, "hostNetwork": p.hostNetwork, "terminationGracePeriodSeconds": 5,
		"containers": []m{{"name": "main", "image": "registry.example/main:1"}},
	}})
}

// status sets the status of a pod as its node does.
func (a *api) status(t *testing.T, name string, status m) {
	t.Helper()
	a.do(t, http.MethodPatch, shopPods+"/"+name+"/status", m{"status": status})
}

// running is the status of a pod that was taken by its node at began, and has its address since up.
func running(p someone, began, up time.Time) m {
	return m{
		"phase": "Running", "startTime": stamp(began), "podIP": p.ip, "podIPs": []m{{"ip": p.ip}}, "hostIP": "10.0.0.1", "hostIPs": []m{{"ip": "10.0.0.1"}},
		"conditions":        []m{{"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": stamp(up)}, {"type": "Ready", "status": "True", "lastTransitionTime": stamp(up)}},
		"containerStatuses": []m{{"name": "main", "image": "registry.example/main:1", "imageID": "", "restartCount": 0, "ready": true, "state": m{"running": m{"startedAt": stamp(up)}}}},
	}
}

// ended is the status of a pod whose last container has ended.
func ended(phase string, up, finished time.Time) m {
	return m{
		"phase":             phase,
		"conditions":        []m{{"type": "PodReadyToStartContainers", "status": "False", "lastTransitionTime": stamp(finished)}},
		"containerStatuses": []m{{"name": "main", "image": "registry.example/main:1", "imageID": "", "restartCount": 0, "ready": false, "state": m{"terminated": m{"exitCode": 0, "startedAt": stamp(up), "finishedAt": stamp(finished)}}}},
	}
}

// remove deletes a pod, as who wants it gone does, and as its node does once it is.
func (a *api) remove(t *testing.T, name string) {
	t.Helper()
	a.do(t, http.MethodDelete, shopPods+"/"+name, m{"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})
}

func (a *api) askToEnd(t *testing.T, name string) {
	t.Helper()
	a.do(t, http.MethodDelete, shopPods+"/"+name, m{"kind": "DeleteOptions", "apiVersion": "v1"})
}

// world makes what there is before the scenario begins.
func (a *api) world(t *testing.T) {
	t.Helper()
	a.do(t, http.MethodPost, "/api/v1/namespaces", m{"metadata": m{"name": "shop", "labels": m{"team": "sales"}}})
	for i, name := range []string{"n1", "n2"} {
		a.do(t, http.MethodPost, "/api/v1/nodes", m{"metadata": m{"name": name}})
		a.do(t, http.MethodPatch, "/api/v1/nodes/"+name+"/status", m{"status": m{"addresses": []m{{"type": "InternalIP", "address": fmt.Sprintf("10.0.0.%d", i+1)}, {"type": "Hostname", "address": name}}}})
	}
	template := func(app string) m {
		return m{"metadata": m{"labels": m{"app": app}}, "spec": m{"containers": []m{{"name": "main", "image": "registry.example/main:1"}}, "restartPolicy": "Always"}}
	}
	selector := m{"matchLabels": m{"app": "web"}}
	a.do(t, http.MethodPost, "/apis/apps/v1/namespaces/shop/replicasets", m{"metadata": m{"name": "web-7d9f8b6c5", "labels": m{"app": "web"},
		"ownerReferences": []m{owned("Deployment", "web", "0b1e7a5e-8d3f-4a53-9a55-000000000001")}}, "spec": m{"replicas": 2, "selector": selector, "template": template("web")}})
	job := template("report")
	job["spec"].(m)["restartPolicy"] = "Never"
	a.do(t, http.MethodPost, "/apis/batch/v1/namespaces/shop/jobs", m{"metadata": m{"name": "report-28412345",
		"ownerReferences": []m{owned("CronJob", "report", "0b1e7a5e-8d3f-4a53-9a55-000000000002")}}, "spec": m{"template": job}})
	a.do(t, http.MethodPost, "/api/v1/namespaces/shop/services", m{"metadata": m{"name": "front", "labels": m{"team": "web"}}, "spec": m{"type": "NodePort", "clusterIP": "10.96.0.50",
		"selector": m{"app": "web"}, "ports": []m{{"port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}}}})
}

// slice says which pods are behind the service front.
func (a *api) slice(t *testing.T, pods ...someone) {
	t.Helper()
	if a == nil {
		return
	}
	var endpoints []m
	for _, p := range pods {
		endpoints = append(endpoints, m{"addresses": []string{p.ip}, "targetRef": m{"kind": "Pod", "namespace": "shop", "name": p.name, "uid": a.uid(t, shopPods+"/"+p.name)}})
	}
	a.do(t, http.MethodPost, "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", m{"metadata": m{"name": "front-x1", "labels": m{"kubernetes.io/service-name": "front"}},
		"addressType": "IPv4", "ports": []m{{"port": 8080, "protocol": "TCP", "name": ""}}, "endpoints": endpoints})
}
