package webshop

import (
	"encoding/json"
	"fmt"
)

// document is what the demo reads of a printed trace.
type document struct {
	TraceID string      `json:"trace_id"`
	Spans   []docSpan   `json:"spans"`
	Where   *docWhere   `json:"where"`
	Orphans []docOrphan `json:"orphans"`
}

type docSpan struct {
	ID         string  `json:"id"`
	Parent     *string `json:"parent"`
	Source     string  `json:"source"`
	Point      string  `json:"observation_point"`
	Kind       string  `json:"kind"`
	Service    string  `json:"service"`
	Protocol   string  `json:"protocol"`
	Start      int64   `json:"start"`
	End        int64   `json:"end"`
	ClientAddr string  `json:"client_address"`
	ServerAddr string  `json:"server_address"`
}

type docWhere struct {
	Sentence string `json:"sentence"`
}

type docOrphan struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

func parseDocument(body []byte) (*document, error) {
	d := &document{}
	if err := json.Unmarshal(body, d); err != nil {
		return nil, fmt.Errorf("printed trace: %w", err)
	}
	return d, nil
}

// counts is spans per source.
type counts struct{ APP, SYS, NET int }

func (c *counts) add(source string, n int) {
	switch source {
	case "APP":
		c.APP += n
	case "SYS":
		c.SYS += n
	case "NET":
		c.NET += n
	}
}

func (d *document) counts() (c counts) {
	for i := range d.Spans {
		c.add(d.Spans[i].Source, 1)
	}
	return c
}

// reference is the spans of one trace, per source.
var reference = counts{46, 20, 34}

func (c counts) total() int { return c.APP + c.SYS + c.NET }

func (c counts) times(n int) counts { return counts{c.APP * n, c.SYS * n, c.NET * n} }

func (c counts) plus(o counts) counts { return counts{c.APP + o.APP, c.SYS + o.SYS, c.NET + o.NET} }
