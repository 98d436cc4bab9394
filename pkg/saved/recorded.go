package saved

import (
	"bytes"

	"github.com/throughline-io/throughline/pkg/trace/record"
)

// recorded reads a line of the spans as they are stored, which the HTTP API answers to
// format=spans: all that assembly needs is there.
func (r *reader) recorded(n node) error {
	spans, entities, err := record.Read(bytes.NewReader(n.text))
	if err != nil {
		return r.unreadable(n.at, err)
	}
	for _, e := range entities {
		r.entities[e.ID] = e
	}
	for _, s := range spans {
		if r.room() == 0 {
			r.beyond++
			continue
		}
		r.spans, r.ids = append(r.spans, s), append(r.ids, recordedTrace)
	}
	return nil
}

// recordedTrace stands for the id of the trace: a recording is of one, and its system calls
// and packets need not carry an id.
const recordedTrace = ""
