package main

import (
	"fmt"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/test/kernel/report"
)

// tally counts spans, and says what is not as it must be: of each request one span at each place, all
// of them with one pair of TCP sequence numbers, and no span of anything else.
func tally(run *report.Run, spans []*span.Span) {
	run.Spans = map[string]int{}
	byResource := map[string]map[string]*span.Span{}
	secret := map[string]bool{}
	for _, path := range resources()[:run.Requests] {
		byResource[path] = map[string]*span.Span{}
	}
	for _, path := range inside()[:run.Inside] {
		byResource[path], secret[path] = map[string]*span.Span{}, true
	}
	for _, s := range spans {
		place := s.Source.String() + " " + s.Point.String()
		if !secret[s.Resource] {
			run.Spans[place]++
			if s.Goroutine != 0 {
				run.Goroutines++
			}
		}
		seen, asked := byResource[s.Resource]
		switch {
		case !asked:
			run.Fault(fmt.Errorf("%s: a span of %q, which nobody asked for", place, s.Resource))
		case seen[place] != nil:
			run.Fault(fmt.Errorf("%s: two spans of %s", place, s.Resource))
		case s.TLS != secret[s.Resource]:
			run.Fault(fmt.Errorf("%s: %s is inside of TLS: %v", place, s.Resource, s.TLS))
		case s.Code != 200:
			run.Fault(fmt.Errorf("%s: %s has status code %d", place, s.Resource, s.Code))
		default:
			seen[place] = s
		}
	}
	want := report.Places
	if run.Hooks == "" {
		want = []string{"NET c", "NET s"}
	}
	for path, seen := range byResource {
		if err := joined(seen, want); err != nil {
			run.Fault(fmt.Errorf("%s: %w", path, err))
		} else if secret[path] {
			run.JoinedInside++
		} else {
			run.Joined++
		}
	}
}

// joined says whether a request was seen at all places, by the same pair of sequence numbers.
func joined(seen map[string]*span.Span, places []string) error {
	first := seen[places[0]]
	for _, place := range places {
		switch s := seen[place]; {
		case s == nil:
			return fmt.Errorf("no span at %s", place)
		case first != nil && (s.RequestSeq != first.RequestSeq || s.ResponseSeq != first.ResponseSeq):
			return fmt.Errorf("%s has sequence numbers %d and %d, %s has %d and %d",
				places[0], first.RequestSeq, first.ResponseSeq, place, s.RequestSeq, s.ResponseSeq)
		}
	}
	return nil
}
