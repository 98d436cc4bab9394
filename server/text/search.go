package text

import (
	"cmp"
	"fmt"
	"io"
	"time"
)

// Found is a span that a search found, as the API answers it.
type Found struct {
	ID       string `json:"id"`
	TraceID  string `json:"trace_id"` // "" where the span has no trace context: use ID
	SpanID   string `json:"span_id"`
	Source   string `json:"source"`
	Point    string `json:"observation_point"`
	Kind     string `json:"kind"`
	Start    int64  `json:"start"` // Unix nanoseconds
	Duration int64  `json:"duration"`
	Service  string `json:"service"`
	Client   string `json:"client"`
	Server   string `json:"server"`
	Protocol string `json:"protocol"`
	Request  string `json:"request"`
	Resource string `json:"request_resource"`
	Status   string `json:"status"`
	Code     int32  `json:"code"`
	Node     string `json:"node"`
}

// FoundSpans is the answer to a search.
type FoundSpans struct {
	Spans   []Found `json:"spans"`   // newest first
	Limited bool    `json:"limited"` // there may be more than asked for
}

// Search prints the spans a search found, one line each. TRACE is what `trace get` takes.
func Search(w io.Writer, spans []Found, colour Colour) error {
	rows := make([][]string, 0, len(spans))
	for i := range spans {
		s := &spans[i]
		ends := ""
		if s.Client != "" || s.Server != "" {
			ends = Clean(s.Client + " → " + s.Server)
		}
		status := Clean(s.Status)
		if s.Code != 0 {
			status = fmt.Sprintf("%s %d", status, s.Code)
		}
		rows = append(rows, []string{
			time.Unix(0, s.Start).UTC().Format("2006-01-02 15:04:05.000"), Duration(s.Duration), cmp.Or(s.TraceID, s.ID), s.Source, s.Point,
			Clean(s.Service), shorten(Clean(s.Request), nameWidth), status, ends,
		})
	}
	return table(w, colour, []string{"START (UTC)", "DURATION", "TRACE", "SRC", "POINT", "SERVICE", "REQUEST", "STATUS", "CLIENT → SERVER"}, rows, 1)
}
