package text

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/throughline-io/throughline/pkg/trace/words"
)

// Status is the answer of /api/v1/status. Times are Unix nanoseconds, 0 for never.
type Status struct {
	Version string                  `json:"version"`
	Now     int64                   `json:"now"`
	Started int64                   `json:"started"`
	Store   StoreStatus             `json:"store"`
	Sources map[string]SourceStatus `json:"sources"` // by APP, SYS, NET
	Agents  []AgentStatus           `json:"agents"`
	Log     *LogStatus              `json:"log,omitempty"` // nil: there is none
	// Entities is what is known of who has which address.
	Entities EntityStatus `json:"entities"`
	// Kubernetes are the clusters that say so, too.
	Kubernetes []ClusterStatus `json:"kubernetes,omitempty"`
}

// StoreStatus is how the store is.
type StoreStatus struct {
	State    string `json:"state"` // ok, starting, down
	Error    string `json:"error,omitempty"`
	Embedded bool   `json:"embedded"`
	Restarts uint64 `json:"restarts"` // of the embedded store since the server started
	PID      int    `json:"pid,omitempty"`
	Ready    int64  `json:"ready"` // when it was first ready
	// Unsafe says why what the store has may be lost with the power of its machine; "": it is not.
	Unsafe string `json:"unsafe,omitempty"`
}

// LogStatus is the log in which acknowledged spans lie until the store has them.
type LogStatus struct {
	Segments  int    `json:"segments"`  // that lie there
	Bytes     int64  `json:"bytes"`     // of these
	MaxBytes  int64  `json:"max_bytes"` // beyond which agents are told to come later
	Spans     uint64 `json:"spans"`     // taken to the store since the server started
	SetAside  uint64 `json:"set_aside"` // pushes the store will never take, kept in the folder log/aside
	Damaged   uint64 `json:"damaged"`   // places that were not as they were written
	Uncounted uint64 `json:"uncounted"` // spans that are stored and not in metrics
	Folded    uint64 `json:"folded"`    // spans counted under "*", their service having too many names of requests
	Error     string `json:"error,omitempty"`
}

// SourceStatus is what came of one source since the server started.
type SourceStatus struct {
	Seen     uint64 `json:"seen"`      // by the agents' own ledgers
	Stored   uint64 `json:"stored"`    // acknowledged
	Rejected uint64 `json:"rejected"`  // left out by the server
	LastSpan int64  `json:"last_span"` // newest start
}

// AgentStatus is one agent.
type AgentStatus struct {
	Name        string                  `json:"name"`
	Node        string                  `json:"node"`
	Version     string                  `json:"version"`
	Boot        uint64                  `json:"boot,string"`
	Boots       int                     `json:"boots"` // runs since the server started
	Started     int64                   `json:"started"`
	LastReport  int64                   `json:"last_report"`
	LastPush    int64                   `json:"last_push"`
	Alive       bool                    `json:"alive"`        // heard of within the last 5 s
	ClockOffset int64                   `json:"clock_offset"` // nanoseconds ahead of the server
	Sources     map[string]SourceStatus `json:"sources"`
	Repeated    uint64                  `json:"pushes_repeated"`
	Failed      map[string]uint64       `json:"pushes_failed,omitempty"`
	Blind       []Interval              `json:"blind,omitempty"`
}

// Interval is from one moment to another.
type Interval struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// EntityStatus is the entity file.
type EntityStatus struct {
	File      string `json:"file,omitempty"`
	Addresses int    `json:"addresses"`
	Error     string `json:"error,omitempty"` // why its last change was not taken
}

// ClusterStatus is how the watch of a cluster of Kubernetes goes.
type ClusterStatus struct {
	Cluster   string `json:"cluster"`
	Synced    bool   `json:"synced"`               // all was listed once
	LostSince int64  `json:"lost_since,omitempty"` // since when not all is watched; what was known last stays in force
	Error     string `json:"error,omitempty"`      // why
	Pods      int    `json:"pods"`
	Nodes     int    `json:"nodes"`
	Services  int    `json:"services"`
	Addresses int    `json:"addresses"` // also of who is gone
	Ended     int    `json:"ended"`     // who is gone and remembered
	Forgotten uint64 `json:"forgotten"` // who was dropped before its time, for there were too many
}

// print prints the cluster in a line, and one of what is wrong.
func (c *ClusterStatus) print(w io.Writer, colour Colour, ago func(int64) string) {
	name := Clean(cmp.Or(c.Cluster, "Kubernetes"))
	if !c.Synced {
		name += ", not listed yet"
	}
	fmt.Fprintf(w, "cluster   %s: %s, %s, %s; %d addresses\n", name, words.Count(c.Pods, "pod"), words.Count(c.Nodes, "node"), words.Count(c.Services, "service"), c.Addresses)
	if c.LostSince != 0 {
		fmt.Fprintf(w, "          %s\n", colour.paint(red, "not watched: lost "+ago(c.LostSince)+". "+Clean(c.Error)))
	}
}

// Print prints the status.
func (s *Status) Print(w io.Writer, colour Colour) error {
	ago := func(ns int64) string {
		if ns == 0 {
			return "never"
		}
		return Duration(max(0, s.Now-ns)) + " ago"
	}
	kind := "ClickHouse elsewhere"
	if s.Store.Embedded {
		kind = "embedded, started again " + words.Count(s.Store.Restarts, "time")
	}
	state := s.Store.State
	if state != "ok" {
		state = colour.paint(red, state)
	}
	fmt.Fprintf(w, "server    %s, started %s\nstore     %s (%s)\n", Clean(cmp.Or(s.Version, "of unknown version")), ago(s.Started), state, kind)
	if s.Store.Error != "" {
		fmt.Fprintf(w, "          %s\n", colour.paint(red, Clean(s.Store.Error)))
	}
	if l := s.Log; l != nil {
		fmt.Fprintf(w, "log       %s, %d of %d MiB, to be stored\n", words.Count(l.Segments, "segment"), l.Bytes>>20, l.MaxBytes>>20)
		if l.SetAside+l.Damaged > 0 {
			fmt.Fprintf(w, "          %s\n", colour.paint(red, fmt.Sprintf("set aside: %s; damaged: %s", words.Count(l.SetAside, "request"), words.Count(l.Damaged, "place"))))
		}
		if l.Error != "" {
			fmt.Fprintf(w, "          %s\n", colour.paint(red, Clean(l.Error)))
		}
	}
	switch {
	case s.Entities.Error != "":
		fmt.Fprintf(w, "entities  %s\n", colour.paint(red, Clean(s.Entities.Error)))
	case s.Entities.File != "":
		fmt.Fprintf(w, "entities  %d addresses from %s\n", s.Entities.Addresses, Clean(s.Entities.File))
	}
	for i := range s.Kubernetes {
		s.Kubernetes[i].print(w, colour, ago)
	}
	fmt.Fprintln(w)
	var rows [][]string
	for _, name := range keys(s.Sources) {
		c := s.Sources[name]
		rows = append(rows, []string{cmp.Or(name, "any"), fmt.Sprint(c.Seen), fmt.Sprint(c.Stored), fmt.Sprint(c.Rejected), ago(c.LastSpan)})
	}
	if err := table(w, colour, []string{"SOURCE", "SEEN", "STORED", "LEFT OUT", "LAST SPAN"}, rows, 1, 2, 3); err != nil {
		return err
	}
	fmt.Fprintln(w)
	rows = nil
	for i := range s.Agents {
		a := &s.Agents[i]
		alive := "yes"
		if !a.Alive {
			alive = "no"
		}
		var blind time.Duration
		for _, b := range a.Blind {
			blind += time.Duration(b.To - b.From)
		}
		rows = append(rows, []string{Clean(a.Name), Clean(a.Node), alive, ago(a.LastReport), ago(a.LastPush), Duration(a.ClockOffset), fmt.Sprint(a.Boots), fmt.Sprintf("%d (%s)", len(a.Blind), Duration(int64(blind)))})
	}
	return table(w, colour, []string{"AGENT", "NODE", "ALIVE", "REPORT", "PUSH", "CLOCK AHEAD", "RUNS", "BLIND"}, rows)
}

func keys(m map[string]SourceStatus) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
