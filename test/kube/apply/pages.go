package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// pages are the commands of DeepFlow's pages about the collector, as they stand there but for the name of the host in the answer, and
// what kubectl is to print.
var pages = []struct{ command, want string }{
	{"kubectl apply --dry-run=server --validate=strict -f deploy/kubernetes/throughline.yaml", `(?m)^daemonset.apps/throughline-agent (created|configured|unchanged) \(server dry run\)$`},
	{"kubectl apply -f deploy/otel-agent.yaml", `(?m)^daemonset.apps/otel-agent (configured|unchanged)$`},
	{"kubectl get all -n open-telemetry", `(?s)service/otel-agent +ClusterIP +\S+ +<none> +4317/TCP,4318/TCP .*daemonset.apps/otel-agent `},
	{"kubectl get cm -n open-telemetry otel-agent-conf -o custom-columns=DATA:.data | grep -A 5 otlphttp:", `^  otlphttp:
    traces_endpoint: 'http://throughline-agent.throughline/api/v1/otel/trace'
    tls:
      insecure: true
    retry_on_failure:
      enabled: true
`},
	{"kubectl get cm -n open-telemetry otel-agent-conf -o custom-columns=DATA:.data | grep -A 1 otlphttp:", `^  otlphttp:\n    traces_endpoint: 'http://throughline-agent.throughline/api/v1/otel/trace'\n`},
	{"LATEST_TAG=0.166.0; kubectl set image -n open-telemetry daemonset/otel-agent otel-agent=otel/opentelemetry-collector-contrib:${LATEST_TAG}", `^daemonset.apps/otel-agent image updated\n$`},
	{"kubectl get ds -n open-telemetry otel-agent -o jsonpath='{.spec.template.spec.containers[*].image}'", `^otel/opentelemetry-collector-contrib:0.166.0$`},
	// The Service that the collector sends to: each node's own agent.
	{"kubectl get svc -n throughline throughline-agent -o jsonpath='{.spec.ports[0].port} {.spec.ports[0].targetPort} {.spec.internalTrafficPolicy}'", `^80 38086 Local$`},
}

// pages runs the commands of the pages with a real kubectl.
func (a *api) pages(kubectl string) error {
	dir, err := os.MkdirTemp("", "throughline-kube-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config, err := a.kubeconfig(dir)
	if err != nil {
		return err
	}
	for _, p := range pages {
		cmd := exec.Command("bash", "-o", "pipefail", "-c", p.command)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+config, "PATH="+filepath.Dir(kubectl)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", p.command, err, out)
		}
		if !regexp.MustCompile(p.want).Match(out) {
			return fmt.Errorf("%s prints\n%s, want %s", p.command, out, p.want)
		}
		fmt.Printf("$ %s\n%s\n", p.command, strings.TrimRight(string(out), "\n"))
	}
	return nil
}

// kubeconfig writes a file that leads to the API server with the token.
func (a *api) kubeconfig(dir string) (file string, err error) {
	file = filepath.Join(dir, "kubeconfig")
	text := fmt.Sprintf("{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}], contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u, user: {token: %q}}]}\n", a.url, a.token)
	return file, os.WriteFile(file, []byte(text), 0o600)
}
