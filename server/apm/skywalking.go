package apm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/throughline-io/throughline/pkg/otlp"
	"github.com/throughline-io/throughline/pkg/span"
)

// skyWalking asks the GraphQL API of SkyWalking's OAP server (apache/skywalking-query-protocol,
// trace.graphqls: queryTrace). A trace there has a text for an id: where that is no UUID, it is known by
// what the sw8 headers of its requests said.
type skyWalking struct{ *client }

const queryTrace = `query queryTrace($traceId: ID!) {
  trace: queryTrace(traceId: $traceId) {
    spans {
      traceId segmentId spanId parentSpanId
      refs { traceId parentSegmentId parentSpanId type }
      serviceCode serviceInstanceName startTime endTime endpointName type peer component isError layer
      tags { key value }
      logs { time data { key value } }
    }
  }
}`

// A skyWalkingAnswer is GraphQL's: data, errors, or both.
type skyWalkingAnswer struct {
	Data struct {
		Trace struct {
			Spans []skyWalkingSpan `json:"spans"`
		} `json:"trace"`
	} `json:"data"`
	Errors []struct {
		Message string `json:"message"`
	} `json:"errors"`
}

func (s skyWalking) trace(ctx context.Context, q question) (*Code, error) {
	text := cmp.Or(q.text, q.id.String())
	code, err := s.byText(ctx, text)
	if because(err) == none && q.text == "" { // a UUID may be written with dashes
		code, err = s.byText(ctx, text[:8]+"-"+text[8:12]+"-"+text[12:16]+"-"+text[16:20]+"-"+text[20:])
	}
	return code, err
}

func (s skyWalking) byText(ctx context.Context, id string) (*Code, error) {
	body, err := json.Marshal(map[string]any{"query": queryTrace, "variables": map[string]string{"traceId": id}})
	if err != nil {
		return nil, err
	}
	a, err := s.ask(ctx, body, "graphql")
	if err != nil {
		return nil, err
	}
	return readGraphQL(a)
}

// readGraphQL reads an answer.
func readGraphQL(a answer) (*Code, error) {
	if a.status != http.StatusOK {
		return nil, a.unexpected()
	}
	var got skyWalkingAnswer
	if err := json.Unmarshal(a.body, &got); err != nil {
		return nil, failed(unreadable, fmt.Errorf("no answer of GraphQL: %w", err))
	}
	spans := got.Data.Trace.Spans
	if len(spans) == 0 && len(got.Errors) > 0 {
		return nil, failed(refused, errors.New(got.Errors[0].Message))
	}
	if len(spans) == 0 {
		return nil, errNone
	}
	return readSkyWalking(spans)
}

// readSkyWalking reads the spans as OTLP, so that they are what they would be had their agents sent
// them here.
func readSkyWalking(spans []skyWalkingSpan) (*Code, error) {
	code := &Code{Resources: map[uint64]span.Resource{}}
	if more := len(spans) - maxSpans; more > 0 {
		spans = spans[:maxSpans]
		code.LeftOut = append(code.LeftOut, fmt.Sprintf("%d of its spans: no more than %d are read", more, maxSpans))
	}
	slices.SortStableFunc(spans, func(a, b skyWalkingSpan) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Instance, b.Instance))
	})
	var request coltrace.ExportTraceServiceRequest
	var of *tracev1.ScopeSpans
	for i := range spans {
		s := &spans[i]
		if of == nil || s.Service != spans[i-1].Service || s.Instance != spans[i-1].Instance {
			of = &tracev1.ScopeSpans{}
			request.ResourceSpans = append(request.ResourceSpans, &tracev1.ResourceSpans{Resource: &resource.Resource{Attributes: s.resource()}, ScopeSpans: []*tracev1.ScopeSpans{of}})
		}
		of.Spans = append(of.Spans, s.otlp())
	}
	body, err := proto.Marshal(&request)
	if err != nil {
		return nil, failed(unreadable, err)
	}
	d := otlp.NewFileDecoder(maxSpans)
	d.Reset("", "", netip.Addr{})
	if err := d.Protobuf(body); err != nil {
		return nil, failed(unreadable, err)
	}
	for _, r := range d.Batch().OTelResources {
		code.Resources[r.ID] = r
	}
	code.Spans = slices.Collect(d.Batch().Spans())
	if _, why := d.Rejected(); why != "" {
		code.LeftOut = append(code.LeftOut, why)
	}
	return code, nil
}
