package shapes

import (
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	res "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// maxExport is how many spans an SDK sends at once.
const maxExport = 512

// requests are what the processes of the trace send: each its own spans.
func (t *trace) requests() []*coltrace.ExportTraceServiceRequest {
	type process struct{ service, host string }
	var order []process
	spans := map[process][]*otlp.Span{}
	for _, s := range t.spans {
		p := process{s.service, s.host}
		if p.host == "" {
			p.host = "host-" + p.service
		}
		if spans[p] == nil {
			order = append(order, p)
		}
		spans[p] = append(spans[p], s.Span)
	}
	var requests []*coltrace.ExportTraceServiceRequest
	for _, p := range order {
		for rest := spans[p]; len(rest) > 0; {
			n := min(maxExport, len(rest))
			requests = append(requests, &coltrace.ExportTraceServiceRequest{ResourceSpans: []*otlp.ResourceSpans{{
				Resource:   resource(p.service, p.host),
				ScopeSpans: []*otlp.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "otelhttp", Version: "0.58.0"}, Spans: rest[:n]}},
			}}})
			rest = rest[n:]
		}
	}
	return requests
}

// Namespace is the service.namespace of every shape.
const Namespace = "shop"

// resource is a process of a service: no address and no pod's uid, as an SDK without a
// collector knows itself.
func resource(service, host string) *res.Resource {
	return &res.Resource{Attributes: keyValues([]any{
		"service.name", service, "service.namespace", Namespace, "service.version", "1.12.0", "deployment.environment.name", "prod",
		"host.name", host, "k8s.pod.name", service + "-7d9f8b6c5-x2k9q", "telemetry.sdk.language", "go", "telemetry.sdk.name", "opentelemetry",
	})}
}
