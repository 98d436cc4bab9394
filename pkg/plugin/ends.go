package plugin

import (
	"github.com/throughline-io/throughline/pkg/otlptrace"
	"github.com/throughline-io/throughline/pkg/span"
)

// place says who saw a span, and who its two ends are, in words.
type place struct {
	service, pod, ofPod, namespace string
	client, server                 string
}

func (t *assembled) place(s *span.Span) place {
	p := otlptrace.PlaceOf(s, t.entity)
	return place{service: p.Service, pod: p.Pod, ofPod: p.OfPod, namespace: p.Namespace, client: p.Client, server: p.Server}
}
