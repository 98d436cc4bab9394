package trace

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTree writes the printed trace as an indented tree, for people.
func (p *Printed) WriteTree(w io.Writer) error {
	b := &strings.Builder{}
	p.header(b)
	lastOf := p.lastSiblings()
	last := make(map[int32]bool) // depth: no further sibling follows
	for i := range p.Spans {
		s := &p.Spans[i]
		b.WriteString(badge(s.Source))
		b.WriteByte(' ')
		for d := int32(1); d < min(s.Depth, maxIndent); d++ {
			if last[d] {
				b.WriteString("  ")
			} else {
				b.WriteString("│ ")
			}
		}
		if s.Depth > 0 {
			last[s.Depth] = lastOf[i]
			if last[s.Depth] {
				b.WriteString("└─")
			} else {
				b.WriteString("├─")
			}
		}
		fmt.Fprintf(b, "%s  %s", s.title(), formatDuration(s.End-s.Start))
		if note := s.note(); note != "" {
			fmt.Fprintf(b, "  [%s]", note)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxIndent bounds a line's indentation: deeper spans stay in that column.
const maxIndent = 200

// WriteTable writes the printed trace as a table, for people.
func (p *Printed) WriteTable(w io.Writer) error {
	b := &strings.Builder{}
	p.header(b)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tPARENT\tSOURCE\tPOINT\tSERVICE\tNODE\tNAME\tSTART +ms\tDURATION\tSELF\tLINK")
	for i := range p.Spans {
		s := &p.Spans[i]
		link := string(s.Confidence)
		if s.Parent == "" && s.Orphan != "" {
			link = "orphan"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.3f\t%s\t%s\t%s\n", s.ID, s.Parent, s.Source, s.Point, s.who(), s.Node,
			oneLine(string(s.Name)), float64(s.Start-p.Start)/1e6, formatDuration(s.End-s.Start), formatDuration(s.Self), link)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// header is the trace in three lines.
func (p *Printed) header(b *strings.Builder) {
	id := string(p.TraceID)
	if id == "" {
		id = "without trace id"
	}
	c := p.Counts
	fmt.Fprintf(b, "trace %s, %s\n", id, formatDuration(p.Duration))
	fmt.Fprintf(b, "%d spans: %d APP, %d SYS, %d NET; %d of %d links inferred", c.Total, c.APP, c.SYS, c.NET, c.Inferred, c.Links)
	if c.Orphans > 0 {
		fmt.Fprintf(b, "; %d orphans", c.Orphans)
	}
	if p.Truncated != "" {
		fmt.Fprintf(b, "; left out: %s", p.Truncated)
	}
	fmt.Fprintf(b, "\n%s\n", p.Where.Sentence)
	if d := p.Where.Duration; d > 0 {
		part := func(name string, ns int64) string {
			return fmt.Sprintf("%s %s (%.1f%%)", name, formatDuration(ns), 100*float64(ns)/float64(d))
		}
		l := p.Where.Layers
		fmt.Fprintf(b, "%s, %s, %s, %s\n", part("code", l.Code), part("kernel + queue", l.Kernel), part("network", l.Network), part("not seen", l.NotSeen))
	}
	b.WriteByte('\n')
}

// lastSiblings says of each span whether no later one has the same parent.
func (p *Printed) lastSiblings() []bool {
	last := make([]bool, len(p.Spans))
	var later []bool // by depth: a sibling follows
	for i := len(p.Spans) - 1; i >= 0; i-- {
		d := int(max(0, p.Spans[i].Depth))
		for len(later) <= d {
			later = append(later, false)
		}
		later = later[:d+1]
		last[i], later[d] = !later[d], true
	}
	return last
}

func badge(source string) string {
	if source == "" {
		return "?"
	}
	return source[:1]
}

// who is the service, or the node for packets.
func (s *PrintedSpan) who() string {
	if s.Service != "" {
		return string(s.Service)
	}
	return string(s.Node)
}

func (s *PrintedSpan) title() string {
	words := []string{s.Point}
	switch s.Source {
	case "APP":
		words = []string{string(s.Service), string(s.Name), string(s.Kind)}
	case "NET":
		words = append(words, string(s.Node), string(s.NICName))
		if s.OfPod != "" {
			words = append(words, "of "+string(s.OfPod))
		}
		if s.Tunnel != "" {
			words = append(words, "("+string(s.Tunnel)+")")
		}
		words = append(words, string(s.Request))
	default:
		words = append(words, string(s.Service), string(s.Request))
	}
	kept := words[:0]
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return oneLine(strings.Join(kept, " "))
}

// note says what is doubtful about the span's link.
func (s *PrintedSpan) note() string {
	var notes []string
	if s.Parent != "" && s.Confidence != "proven" {
		notes = append(notes, string(s.Confidence)+": "+string(s.Reason))
	}
	if s.Orphan != "" {
		notes = append(notes, "orphan: "+string(s.Orphan))
	}
	if s.Missing > 0 {
		notes = append(notes, fmt.Sprintf("%d hops not seen", s.Missing))
	}
	if s.Status != "" && s.Status != "ok" {
		notes = append(notes, string(s.Status))
	}
	return oneLine(strings.Join(notes, "; "))
}

// oneLine keeps what was sent by strangers from breaking the terminal: control characters
// become spaces, and long texts are cut.
func oneLine(s string) string {
	const long = 160
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if len(s) > long {
		s = strings.ToValidUTF8(s[:long], "") + "…"
	}
	return s
}
