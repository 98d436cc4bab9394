package webshop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

// status is what the demo reads of the server's status.
type status struct {
	Agents []struct {
		Name     string `json:"name"`
		Alive    bool   `json:"alive"`
		LastPush int64  `json:"last_push"`
	} `json:"agents"`
	Store struct {
		State string `json:"state"`
		Error string `json:"error"`
	} `json:"store"`
	Sources map[string]struct {
		Seen   uint64 `json:"seen"`
		Stored uint64 `json:"stored"`
	} `json:"sources"`
}

func (a *api) status(ctx context.Context) (s status, err error) {
	body, err := a.get(ctx, "/api/v1/status", nil)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(body, &s)
}

// ledgerRow is a line of the ledger.
type ledgerRow struct {
	Agent  string `json:"agent"`
	Stage  string `json:"stage"`
	Source string `json:"source"`
	What   string `json:"what"`
	Count  uint64 `json:"count"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

func (a *api) ledger(ctx context.Context) ([]ledgerRow, error) {
	body, err := a.get(ctx, "/api/v1/ledger", nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Rows []ledgerRow `json:"rows"`
	}
	return answer.Rows, json.Unmarshal(body, &answer)
}

// waitAgents waits until every agent captures system calls and packets and is known to the
// server: a request before that would be seen in part.
func (c *cluster) waitAgents(ctx context.Context) error {
	return c.wait(ctx, "the agents capture", 60*time.Second, func() error {
		s, err := c.api.status(ctx)
		if err != nil {
			return err
		}
		alive := 0
		for _, a := range s.Agents {
			if a.Alive {
				alive++
			}
		}
		if alive < len(spec.Nodes) {
			return fmt.Errorf("%d of %d have reported", alive, len(spec.Nodes))
		}
		for n := range spec.Nodes {
			if err := c.capturing(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// capturing asks an agent itself.
func (c *cluster) capturing(ctx context.Context, n int) error {
	body, err := process.GetUnix(ctx, c.path("agent-"+spec.Nodes[n]+".sock"), "/stats")
	if err != nil {
		return err
	}
	var s struct {
		SYS, NET string
		Ready    bool
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	if !s.Ready {
		return fmt.Errorf("agent of %s is starting", spec.Nodes[n])
	}
	if s.SYS == "off" || s.NET == "off" || strings.HasPrefix(s.SYS, "failed") || strings.HasPrefix(s.NET, "failed") {
		return fmt.Errorf("agent of %s: system calls: %s; packets: %s", spec.Nodes[n], s.SYS, s.NET)
	}
	return nil
}

// counted is the spans that the agents saw, and those that are in the store: rows, each
// span once.
func (c *cluster) counted(ctx context.Context) (seen, stored counts, err error) {
	s, err := c.api.status(ctx)
	if err != nil {
		return seen, stored, err
	}
	for source, n := range s.Sources {
		seen.add(source, int(n.Seen))
	}
	body, err := c.api.get(ctx, "/clickhouse/", url.Values{
		"query": {"SELECT toString(source), uniqExact(id) FROM throughline.spans GROUP BY 1 FORMAT JSONCompact"},
		"output_format_json_quote_64bit_integers": {"0"},
	})
	if err != nil {
		return seen, stored, err
	}
	var answer struct{ Data [][2]any }
	if err := json.Unmarshal(body, &answer); err != nil {
		return seen, stored, fmt.Errorf("count of spans: %w in %.200s", err, body)
	}
	names := map[string]string{"1": "APP", "2": "SYS", "3": "NET", "APP": "APP", "SYS": "SYS", "NET": "NET"}
	for _, row := range answer.Data {
		stored.add(names[fmt.Sprint(row[0])], int(row[1].(float64)))
	}
	return seen, stored, nil
}

// otherTraffic prints what the agents saw beside the requests, and whatever was lost, in
// rows of its own.
func (c *cluster) otherTraffic(ctx context.Context) error {
	rows, err := c.api.ledger(ctx)
	if err != nil {
		return err
	}
	type line struct{ stage, source, what string }
	sum := map[line]uint64{}
	var blind []ledgerRow
	for _, r := range rows {
		switch {
		case strings.HasPrefix(r.What, "blind"):
			blind = append(blind, r)
		case strings.Contains(r.What, "left out") || strings.Contains(r.What, "lost") || strings.Contains(r.What, "dropped"):
			sum[line{r.Stage, r.Source, r.What}] += r.Count
		}
	}
	var lines []string
	for l, n := range sum {
		if n > 0 {
			lines = append(lines, fmt.Sprintf("  %-8s %-4s %-40s %9d", l.stage, l.source, l.what, n))
		}
	}
	slices.Sort(lines)
	fmt.Fprintf(c.opts.Out, "other traffic and losses, by stage:\n%s\n", strings.Join(lines, "\n"))
	for _, b := range blind {
		fmt.Fprintf(c.opts.Out, "  agent %s was blind for %.3f s, from %s (%s: %s)\n", b.Agent, float64(b.To-b.From)/1e9,
			time.Unix(0, b.From).UTC().Format("15:04:05.000"), b.Stage, b.What)
	}
	return nil
}
