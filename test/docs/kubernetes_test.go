package docs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// manifest is what the tests ask of an object of Kubernetes.
type manifest struct {
	Kind     string
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		InternalTrafficPolicy string `yaml:"internalTrafficPolicy"`
		Selector              any
		Ports                 []struct {
			Port       int
			TargetPort any `yaml:"targetPort"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Containers []struct {
					Args            []string
					SecurityContext struct {
						Privileged   bool
						Capabilities struct{ Add, Drop []string }
					} `yaml:"securityContext"`
				}
			}
		}
	}
	Rules []struct {
		APIGroups []string `yaml:"apiGroups"`
		Resources []string
		Verbs     []string
	}
}

const manifests = "deploy/kubernetes/throughline.yaml"

func manifestsByName(t *testing.T) map[string]manifest {
	t.Helper()
	all := map[string]manifest{}
	for d := yaml.NewDecoder(strings.NewReader(read(t, manifests))); ; {
		var m manifest
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[m.Kind+" "+m.Metadata.Name] = m
	}
}

// The manifests are made of the chart as it is: `go tool mage kube` makes them, and tries them on a real API
// server.
func TestManifestsAreMadeOfTheChart(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	chart := filepath.Join(root, "deploy", "helm", "throughline")
	err := filepath.WalkDir(chart, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(chart, file)
		fmt.Fprintf(h, "%s\n%s\x00", filepath.ToSlash(name), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(h, "%s\n%s\x00", "values of manifests", read(t, "deploy/kubernetes/values.yaml"))
	if want := fmt.Sprintf("# Of these: sha256 %x\n", h.Sum(nil)); !strings.Contains(read(t, manifests), want) {
		t.Errorf("%s is not made of the chart as it is: run `go tool mage kube`", manifests)
	}
}

// Every flag that the chart gives is one of that command's, in whatever combination of values.
func TestFlagsOfTheChart(t *testing.T) {
	t.Parallel()
	for command, file := range map[string]string{"server": "_names.tpl", "agent": "agent.yaml"} {
		source := sources(t, command)
		found := 0
		for line := range strings.Lines(read(t, "deploy/helm/throughline/templates/"+file)) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "- --") {
				continue
			}
			found++
			if name := flag.FindStringSubmatch(line)[1]; !strings.Contains(source, `"`+name+`"`) {
				t.Errorf("%s: throughline %s has no flag --%s", file, command, name)
			}
		}
		if found < 5 {
			t.Errorf("%s: only %d flags found", file, found)
		}
	}
}

// What others rely on: collectors on the Service of their node's agent, administrators on what the agent and the server may
// do, which is what their systemd unit and docs/kubernetes.md say.
func TestManifests(t *testing.T) {
	t.Parallel()
	all := manifestsByName(t)
	agents := all["Service throughline-agent"]
	if agents.Metadata.Namespace != "throughline" || agents.Spec.InternalTrafficPolicy != "Local" || len(agents.Spec.Ports) == 0 || agents.Spec.Ports[0].Port != 80 || agents.Spec.Ports[0].TargetPort != 38086 {
		t.Errorf("Service throughline-agent: %+v", agents)
	}
	agent := all["DaemonSet throughline-agent"].Spec.Template.Spec.Containers
	if len(agent) != 1 || agent[0].SecurityContext.Privileged || !slices.Equal(agent[0].SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Fatalf("DaemonSet: %+v", agent)
	}
	_, unit, _ := strings.Cut(read(t, "deploy/systemd/throughline-agent.service"), "CapabilityBoundingSet=")
	unit, _, _ = strings.Cut(unit, "\n")
	want := strings.Fields(strings.ReplaceAll(unit, "CAP_", ""))
	got := slices.Clone(agent[0].SecurityContext.Capabilities.Add)
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the DaemonSet has %v, the systemd unit %v", got, want)
	}
	role := all["ClusterRole throughline-throughline-server"]
	documented := read(t, "docs/kubernetes.md")
	for _, r := range role.Rules {
		if !slices.Equal(r.Verbs, []string{"list", "watch"}) {
			t.Errorf("the server may %v %v", r.Verbs, r.Resources)
		}
		if !strings.Contains(documented, "resources: ["+strings.Join(r.Resources, ", ")+"], verbs: [list, watch]") {
			t.Errorf("docs/kubernetes.md does not say that the server may list and watch %v", r.Resources)
		}
	}
	for _, name := range []string{"StatefulSet throughline-server", "Service throughline-server", "NetworkPolicy throughline-server", "PodDisruptionBudget throughline-server", "ServiceAccount throughline-server", "ClusterRoleBinding throughline-throughline-server"} {
		if _, ok := all[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
}
