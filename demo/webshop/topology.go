package webshop

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/demo/lab"
)

// spec places the pods as the reference trace has them.
var spec = lab.Spec{
	Prefix: "tl-",
	Nodes:  []string{"node0", "node1", "node2"},
	Pods: []lab.Pod{
		{Name: "web-shop", Node: 0},
		{Name: "loadgenerator", Node: 1}, {Name: "svc-user", Node: 1}, {Name: "svc-item", Node: 1},
		{Name: "svc-order", Node: 2}, {Name: "svc-stock", Node: 2}, {Name: "db-demo", Node: 2},
	},
}

// namespace is the Kubernetes namespace the pods belong to.
const namespace = "webshop"

// entities is the server's entity file: what Kubernetes would tell it.
func entities() string {
	var b strings.Builder
	b.WriteString("entities:\n")
	for _, p := range spec.Pods {
		kind := "Deployment"
		if p.Name == "db-demo" {
			kind = "StatefulSet"
		}
		fmt.Fprintf(&b, "  - {type: pod, ip: %s, pod: %s, service: %s, workload: %s, workload_kind: %s, namespace: %s, node: %s, cluster: demo}\n",
			spec.PodAddr(p.Name), p.Name, p.Name, p.Name, kind, namespace, spec.Nodes[p.Node])
	}
	for i, n := range spec.Nodes {
		fmt.Fprintf(&b, "  - {type: node, ip: %s, node: %s, cluster: demo}\n", spec.NodeAddr(i), n)
	}
	return b.String()
}

// hosts is the pods' /etc/hosts.
func hosts() string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n")
	for _, p := range spec.Pods {
		fmt.Fprintf(&b, "%s %s\n", spec.PodAddr(p.Name), p.Name)
	}
	return b.String()
}
