// Command render renders the Helm chart as `helm template` does, by Helm's own engine: with the values
// of a file, and with every combination of the chart's switches. It is a module of its own, so that
// nothing of Helm is in the product.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
)

func main() {
	folder := flag.String("chart", "", "folder of the chart")
	values := flag.String("values", "", "file of values, in YAML")
	out := flag.String("out", "", "file for what is rendered with the values")
	every := flag.String("every", "", "file for every object that any combination of the switches makes, each once; empty: none")
	flag.Parse()
	if err := run(*folder, *values, *out, *every); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func run(folder, file, out, every string) error {
	c, err := loader.Load(folder)
	if err != nil {
		return err
	}
	values, err := chartutil.ReadValuesFile(file)
	if err != nil {
		return err
	}
	objects, err := render(c, values)
	if err != nil {
		return err
	}
	sum, err := sumOf(folder, file)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("# Made by `go tool mage kube` from ../helm/throughline and values.yaml: do not edit.\n# Of these: sha256 %s\n", sum)
	if err := os.WriteFile(out, []byte(head+strings.Join(objects, "")), 0o644); err != nil {
		return err
	}
	if every == "" {
		return nil
	}
	seen := map[string]bool{}
	var all []string
	for combination := range 1 << len(switches) {
		values, err := chartutil.ReadValuesFile(file)
		if err != nil {
			return err
		}
		for i, s := range switches {
			s.set(values, combination>>i&1 == 1)
		}
		objects, err := render(c, values)
		if err != nil {
			return fmt.Errorf("%v: %w", values, err)
		}
		for _, o := range objects {
			if !seen[o] {
				seen[o] = true
				all = append(all, o)
			}
		}
	}
	fmt.Printf("%d combinations of values make %d different objects\n", 1<<len(switches), len(all))
	return os.WriteFile(every, []byte(strings.Join(all, "")), 0o644)
}

// sumOf is of the files that manifests are made of, so that a test without Helm sees that they are not
// made anew: name, line feed, text and zero of each.
func sumOf(folder, values string) (string, error) {
	h := sha256.New()
	add := func(name, file string) error {
		text, err := os.ReadFile(file)
		fmt.Fprintf(h, "%s\n%s\x00", name, text)
		return err
	}
	err := filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		return add(filepath.ToSlash(name), file)
	})
	if err == nil {
		err = add("values of manifests", values)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// render makes the objects, in the order in which they are installed. Values are checked by the
// chart's schema.
func render(c *chart.Chart, values map[string]any) (objects []string, err error) {
	release := chartutil.ReleaseOptions{Name: "throughline", Namespace: "throughline", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(c, all)
	if err != nil {
		return nil, err
	}
	for name := range rendered {
		if !strings.HasSuffix(name, ".yaml") {
			delete(rendered, name) // notes and names
		}
	}
	_, sorted, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	if len(sorted) == 0 {
		return nil, errors.New("it renders to nothing")
	}
	for _, m := range sorted {
		objects = append(objects, fmt.Sprintf("---\n# %s\n%s\n", m.Name, strings.TrimSpace(m.Content)))
	}
	return objects, nil
}

// toggle is a value that changes which objects there are, or their form.
type toggle struct {
	path    string
	on, off any
}

var switches = []toggle{
	{"server.persistence.enabled", true, false}, {"server.podDisruptionBudget.enabled", true, false}, {"server.tlsSecret", "server-tls", ""},
	{"kubernetes.enabled", true, false}, {"agent.enabled", true, false}, {"agent.sys", true, false}, {"agent.net", true, false}, {"agent.sysTLS", true, false},
	{"agent.privileged", true, false}, {"rbac.create", true, false}, {"serviceAccount.create", true, false}, {"networkPolicy.enabled", true, false},
	{"grafana.enabled", true, false},
	// what is empty by default
	{"*", true, false},
}

// filled are values of those that are empty by default.
var filled = map[string]any{
	"clusterName": "eu", "server.persistence.storageClass": "fast", "server.retention": "168h", "server.extraArgs": []any{"--verbose"},
	"server.nodeSelector": map[string]any{"disk": "ssd"}, "server.tolerations": []any{map[string]any{"key": "a", "operator": "Exists"}},
	"server.affinity": map[string]any{"podAntiAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": []any{
		map[string]any{"topologyKey": "kubernetes.io/hostname", "labelSelector": map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/component": "server"}}}}}},
	"server.replicas": 3, "kubernetes.annotations": []any{"team"}, "agent.extraArgs": []any{"--group=edge"}, "networkPolicy.readers": []any{"monitoring"},
	"server.apms": []any{map[string]any{"kind": "tempo", "url": "https://tempo:3200", "timeout": "3s", "token_file": "/etc/throughline/apm-secret/tempo"}}, "server.apmSecret": "apms",
	"grafana.namespace": "monitoring", "server.image.tag": "1.2.3", "agent.image.tag": "1.2.3",
}

func (t toggle) set(values map[string]any, on bool) {
	switch {
	case t.path != "*" && on:
		put(values, t.path, t.on)
	case t.path != "*":
		put(values, t.path, t.off)
	case on:
		for path, v := range filled {
			put(values, path, v)
		}
	}
}

// put sets a value by its path.
func put(values map[string]any, path string, v any) {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			values[name] = v
			return
		}
		inner, ok := values[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			values[name] = inner
		}
		values, path = inner, rest
	}
}
