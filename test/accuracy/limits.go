package main

import "fmt"

// mostWrong is how many calls may hang under a request that is not theirs, in percent of all, by what the
// product claims of the link.
var mostWrong = map[string]float64{"proven": 0, "causal": 0.05, "inferred": 0.5}

// leastRight are floors under the calls that hang where they belong, in percent, of the short form.
var leastRight = map[string]map[string]float64{
	"haproxy":             {"1": 99, "16": 99, "random": 99},
	"nginx":               {"1": 99, "16": 99, "random": 99},
	"envoy-otel":          {"16": 95},
	"node-http":           {"1": 98, "16": 98, "random": 98},
	"go-http":             {"1": 98, "16": 96, "random": 97},
	"go-grpc":             {"1": 98},
	"py-aiohttp":          {"1": 99, "16": 75, "random": 90},
	"php-fpm-unix":        {"1": 99, "16": 99, "random": 99},
	"py-gunicorn-gthread": {"1": 99.5, "16": 99.5, "random": 99.5},
}

// exceeded is what of a figure is not as it must be. floors says that those of the short form hold.
func (f *Figure) exceeded(floors bool) (faults []string) {
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Sprintf("%s at %s: ", f.Case, f.Way)+fmt.Sprintf(format, args...))
	}
	for claim, t := range f.Score.Confidence {
		if p := f.percent(t.Wrong); p > mostWrong[claim] {
			fault("%.2f %% of the calls hang under a request that is not theirs as %s, at most %.2f %% may", p, claim, mostWrong[claim])
		}
	}
	if f.Client.Answered < f.Requests {
		fault("%d of %d requests were answered rightly: %s", f.Client.Answered, f.Requests, f.Client.Fault)
	}
	if f.Differs > 0 {
		fault("the HTTP API tells %d of %d traces otherwise than the list of requests does", f.Differs, compared)
	}
	if !floors {
		return faults
	}
	if least := leastRight[f.Case][f.Way]; f.percent(f.Score.Calls.Right) < least {
		fault("%.1f %% of the calls hang under their request, at least %.1f %% must", f.percent(f.Score.Calls.Right), least)
	}
	if f.SYS < 1 || f.NET < 1 || f.Doubled > 0 {
		fault("%.2f %% of the spans of system calls and %.2f %% of those of packets were stored, %d too many", 100*f.SYS, 100*f.NET, f.Doubled)
	}
	return faults
}

// percent of the calls.
func (f *Figure) percent(n int) float64 { return 100 * float64(n) / float64(max(f.Expected, 1)) }
