package trace

import (
	"cmp"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
)

// Retry is work that was done again because it failed.
type Retry struct {
	Service string `json:"service"`
	Name    string `json:"name"` // what was tried: the request of a call, else the span's name
	Peer    string `json:"peer,omitempty"`
	Tries   int    `json:"tries"`
	Failed  int    `json:"failed"`
	Span    string `json:"span"`   // the first try
	Parent  string `json:"parent"` // who tried

	row int32
}

const (
	maxTries   = 50 // more of the same are a loop over things that fail
	maxRetries = 20
)

// retries finds siblings that are the same work, one after the other, where each but the
// last one failed.
func (c scope) retries() []Retry {
	type try struct {
		parent        int32
		service, name string
	}
	tries := map[try][]int32{}
	key := func(i int32) try {
		return try{c.t.Parent[i], c.t.services[i], tried(c.t.Spans[i])}
	}
	for i := c.root + 1; i < c.t.last[c.root]; i++ {
		if s := c.t.Spans[i]; s.Source == span.APP && s.Status.Error() {
			tries[key(i)] = nil
		}
	}
	if len(tries) == 0 {
		return nil
	}
	for i := c.root + 1; i < c.t.last[c.root]; i++ {
		if c.t.Spans[i].Source != span.APP {
			continue
		}
		k := key(i)
		if list, ok := tries[k]; ok && len(list) <= maxTries {
			tries[k] = append(list, i)
		}
	}
	var all []Retry
	for k, list := range tries {
		if failed, ok := c.again(list); ok {
			first := list[0]
			all = append(all, Retry{
				Service: k.service, Name: shorten(k.name, maxName), Peer: PeerOf(c.t.Spans[first]).Name, Tries: len(list), Failed: failed,
				Span: span.FormatID(c.t.Spans[first].ID), Parent: span.FormatID(c.t.Spans[k.parent].ID), row: first,
			})
		}
	}
	slices.SortFunc(all, func(x, y Retry) int { return cmp.Compare(x.row, y.row) })
	return all[:min(len(all), maxRetries)]
}

// again reports whether the siblings are one thing tried again, and how often it failed. It
// puts them in order of time.
func (c scope) again(list []int32) (failed int, ok bool) {
	if len(list) < 2 || len(list) > maxTries {
		return 0, false
	}
	slices.SortStableFunc(list, func(x, y int32) int { return cmp.Compare(c.start[x], c.start[y]) })
	for n, i := range list {
		if n > 0 && c.start[i] < c.end[list[n-1]]-rounding {
			return 0, false
		}
		if c.t.Spans[i].Status.Error() {
			failed++
		} else if n < len(list)-1 {
			return 0, false
		}
	}
	first, last := list[0], list[len(list)-1]
	return failed, c.start[first] <= c.to && c.end[last] >= c.from
}

// tried is what a try asks for.
func tried(s *span.Span) string {
	if span.AsksByMethod(s.Protocol) {
		if r := request(s); r != "" {
			return r
		}
	}
	return s.Endpoint
}
