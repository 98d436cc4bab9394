package webshop

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// show prints the trace as a tree, with the sentence that says where its time went.
func (c *cluster) show(ctx context.Context, t *checked) {
	tree, err := c.api.get(ctx, "/api/v1/traces/"+t.Root.TraceID, url.Values{
		"format": {"tree"}, "from": {nanos(time.Unix(0, t.Root.Start).Add(-time.Minute))},
	})
	if err != nil {
		c.progress("the tree cannot be printed: %v", err)
		return
	}
	fmt.Fprintf(c.opts.Out, "\n%s\n", tree)
}

// blame is what the sentence about a trace must name when that thing was made slow.
var blame = map[string][]string{
	"code":     {"code", "svc-item"},
	"pool":     {"web-shop", "connection"},
	"network":  {"network", "node0", "node2"},
	"database": {"db-demo"},
}

// namesBreak fails unless the trace's sentence names what was made slow.
func (c *cluster) namesBreak(t *checked) error {
	sentence := ""
	if t.Doc.Where != nil {
		sentence = t.Doc.Where.Sentence
	}
	for _, word := range blame[c.opts.Break] {
		if !strings.Contains(sentence, word) {
			return fmt.Errorf("--break=%s: the sentence does not name it (%q is not in it): %s", c.opts.Break, word, sentence)
		}
	}
	c.progress("--break=%s is named: %s", c.opts.Break, sentence)
	return nil
}
