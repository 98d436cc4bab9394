package completion

import (
	"fmt"
	"maps"
	"slices"

	"github.com/throughline-io/throughline/pkg/span"
	"github.com/throughline-io/throughline/pkg/store"
)

// finding is what was found for a request so far.
type finding struct {
	store    Store
	max      int
	traces   map[span.TraceID]bool // of the request
	seen     []*span.Span          // SYS and NET, each once
	known    map[key]bool
	entities map[uint64]span.Entity
	watched  store.Watched
	crowded  bool // not all that a process was serving was read
	leftOut  []string
}

type key struct {
	id     uint64
	start  int64
	source span.Source
}

// take adds what agents saw. Spans of code that the store has of the same trace stay out: what
// code did is the APM's to say.
func (f *finding) take(data *store.TraceData) {
	for _, s := range data.Spans {
		k := key{s.ID, s.Start, s.Source}
		if s.Source == span.APP || f.known[k] {
			continue
		}
		f.known[k] = true
		f.seen = append(f.seen, s)
	}
	for id, e := range data.Entities {
		f.entities[id] = e
	}
	if data.Watched != nil && f.watched == nil {
		f.watched = store.Watched{}
	}
	maps.Copy(f.watched, data.Watched)
	if data.Truncated != "" {
		f.leave("%s", data.Truncated)
	}
}

func (f *finding) leave(format string, args ...any) {
	if why := fmt.Sprintf(format, args...); !slices.Contains(f.leftOut, why) {
		f.leftOut = append(f.leftOut, why)
	}
}

// of reports whether the spans carry no trace id but those of the request.
func (f *finding) of(data *store.TraceData) bool {
	return !slices.ContainsFunc(data.Spans, func(s *span.Span) bool { return !s.TraceID.IsZero() && !f.traces[s.TraceID] })
}
