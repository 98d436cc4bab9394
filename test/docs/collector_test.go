package docs

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"gopkg.in/yaml.v3"
)

// deploy/otel-agent.yaml has the objects and the settings that users of DeepFlow's pages know, its exporter is found by the
// command that stands there, and the collector's own exporter takes its settings.
func TestTheCollectorsManifest(t *testing.T) {
	t.Parallel()
	type object struct {
		Kind     string
		Metadata struct{ Name, Namespace string }
		Data     map[string]string
	}
	var names []string
	config := ""
	for decoder := yaml.NewDecoder(bytes.NewReader([]byte(read(t, "deploy/otel-agent.yaml")))); ; {
		var o object
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimLeft(o.Metadata.Namespace+" ", " ")+o.Kind+" "+o.Metadata.Name)
		if o.Kind == "ConfigMap" {
			config = o.Data["otel-agent-config"]
		}
	}
	for _, want := range []string{"Namespace open-telemetry", "open-telemetry DaemonSet otel-agent", "open-telemetry Service otel-agent", "open-telemetry ConfigMap otel-agent-conf"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %s among %q", want, names)
		}
	}
	// As `kubectl get cm ... | grep -A 5 otlphttp:` shows it.
	lines := strings.Split(config, "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "otlphttp:") })
	if at < 0 || len(lines) < at+6 {
		t.Fatalf("no exporter in\n%s", config)
	}
	want := "  otlphttp:\n    traces_endpoint: 'http://throughline-agent.throughline/api/v1/otel/trace'\n    tls:\n      insecure: true\n    retry_on_failure:\n      enabled: true"
	if got := strings.Join(lines[at:at+6], "\n"); got != want {
		t.Errorf("the exporter is\n%s\nwant\n%s", got, want)
	}
	var c struct {
		Exporters  map[string]map[string]any
		Processors struct {
			K8sattributes struct{ Extract struct{ Metadata []string } }
		}
		Service struct {
			Pipelines struct {
				Traces struct{ Processors, Exporters []string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(config), &c); err != nil {
		t.Fatal(err)
	}
	if p := c.Service.Pipelines.Traces; !slices.Equal(p.Processors, []string{"k8sattributes", "resource"}) || !slices.Equal(p.Exporters, []string{"otlphttp"}) {
		t.Errorf("the pipeline is %+v", p)
	}
	if !slices.Contains(c.Processors.K8sattributes.Extract.Metadata, "k8s.pod.ip") {
		t.Error("k8s.pod.ip is not asked for, and no default: app.host.ip would be empty")
	}
	exporter := otlphttpexporter.NewFactory().CreateDefaultConfig()
	if err := confmap.NewFromStringMap(c.Exporters["otlphttp"]).Unmarshal(exporter); err != nil {
		t.Error(err)
	}
	if err := exporter.(*otlphttpexporter.Config).Validate(); err != nil {
		t.Error(err)
	}
}
