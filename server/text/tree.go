package text

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/words"
)

// nameWidth is how much of a service and request is printed behind the branches.
const nameWidth = 44

// Tree prints a trace as a tree: source (A application, S system call, N network), service
// and request, duration, observation point, place, and what is not proven.
func Tree(w io.Writer, p *trace.Printed, colour Colour) error {
	var b strings.Builder
	head(&b, p, colour)
	branches := branches(p.Spans)
	left := make([]string, len(p.Spans))
	widest := 0
	for i := range p.Spans {
		s := &p.Spans[i]
		left[i] = branches[i] + mark(s.Source) + " " + shorten(label(s), nameWidth)
		widest = max(widest, utf8.RuneCountInString(left[i]))
	}
	for i := range p.Spans {
		s := &p.Spans[i]
		text := left[i] + strings.Repeat(" ", widest-utf8.RuneCountInString(left[i]))
		switch {
		case failed(s):
			text = colour.paint(red, text)
		case s.Source == "NET":
			text = colour.paint(dim, text)
		case s.Source == "SYS":
			text = colour.paint(green, text)
		}
		line := fmt.Sprintf("%s  %9s  %-4s  %s", text, Duration(s.End-s.Start), s.Point, place(s))
		if failed(s) {
			line += "  " + colour.paint(red, failure(s))
		}
		if s.Retransmissions > 0 {
			line += "  " + colour.paint(amber, words.Count(s.Retransmissions, "retransmission"))
		}
		if d := doubt(s, i); d != "" {
			line += "  " + colour.paint(amber, d)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	tail(&b, p, colour)
	_, err := io.WriteString(w, b.String())
	return err
}

func head(b *strings.Builder, p *trace.Printed, colour Colour) {
	c := p.Counts
	fmt.Fprintf(b, "%s  %s  %s: %d APP, %d SYS, %d NET  %s", colour.paint(bold, "trace "+cmp.Or(string(p.TraceID), "without id")),
		Duration(p.Duration), words.Count(c.Total, "span"), c.APP, c.SYS, c.NET, words.Count(c.Links, "link"))
	for _, part := range []struct {
		n    int
		what string
	}{{c.Causal, "causal"}, {c.Inferred, "inferred"}, {c.Orphans, "without parent"}, {c.Cycles, "cut from cycles"}} {
		if part.n > 0 {
			fmt.Fprintf(b, ", %d %s", part.n, part.what)
		}
	}
	b.WriteString("\n")
	if p.Where.Sentence != "" {
		b.WriteString(Clean(p.Where.Sentence) + "\n")
	}
	for _, r := range p.Where.Remarks {
		text := Clean(r.Text)
		switch r.Kind {
		case "error":
			text = colour.paint(red, text)
		case "skew", "partial":
			text = colour.paint(amber, text)
		}
		b.WriteString(text + "\n")
	}
	b.WriteString("\n")
}

func tail(b *strings.Builder, p *trace.Printed, colour Colour) {
	if len(p.Weak) > 0 {
		fmt.Fprintf(b, "\nNot made: %s\n", words.Count(len(p.Weak), "possible link"))
		for _, l := range p.Weak {
			fmt.Fprintf(b, "  %s under %s: %s\n", l.Span, l.Parent, Clean(l.Reason))
		}
	}
	if p.Truncated != "" {
		b.WriteString("\n" + colour.paint(amber, "not complete: "+Clean(p.Truncated)) + "\n")
	}
}

// mark is the letter of a source.
func mark(source string) string {
	if source == "" {
		return "?"
	}
	return source[:1]
}

// label is the service and what it was asked.
func label(s *trace.PrintedSpan) string {
	name := Clean(cmp.Or(string(s.Name), string(s.Request), string(s.Protocol)))
	if s.Service == "" {
		return name
	}
	return strings.TrimRight(Clean(string(s.Service))+"  "+name, " ")
}

// place is where the span was seen: node and pod, or node, interface and tunnel.
func place(s *trace.PrintedSpan) string {
	out := string(s.Node)
	if s.Pod != "" {
		out += "/" + string(s.Pod)
	}
	if s.NIC != "" || s.NICName != "" {
		out += " " + cmp.Or(string(s.NICName), string(s.NIC))
	}
	if s.OfPod != "" {
		out += " of " + string(s.OfPod)
	}
	if s.Tunnel != "" {
		out += " (" + string(s.Tunnel) + ")"
	}
	return Clean(out)
}

func failed(s *trace.PrintedSpan) bool {
	return s.Status != "" && s.Status != "ok" && s.Status != "unknown" && s.Status != "open"
}

func failure(s *trace.PrintedSpan) string {
	if s.Code != 0 {
		return fmt.Sprintf("%s %d", Clean(string(s.Status)), s.Code)
	}
	return Clean(string(s.Status))
}

// doubt says what of the link to the parent is not proven. Silence means proven.
func doubt(s *trace.PrintedSpan, i int) string {
	switch {
	case s.Orphan != "":
		return "no parent: " + Clean(string(s.Orphan))
	case s.Parent != "" && s.Confidence != "proven":
		return Clean(string(s.Confidence) + ": " + string(s.Reason))
	case s.Missing > 0:
		return words.Count(s.Missing, "hop") + " not seen"
	}
	return ""
}

// drawn is how many levels get lines of their own; a chain of thousands of spans is
// possible and must not take a page per line.
const drawn = 60

// branches draws the lines of the tree in front of each span, two characters a level.
func branches(spans []trace.PrintedSpan) []string {
	out := make([]string, len(spans))
	var more []bool // by depth: another child of the same parent follows below
	for i := len(spans) - 1; i >= 0; i-- {
		depth := int(min(max(spans[i].Depth, 0), drawn))
		if len(more) <= depth {
			more = append(more, make([]bool, depth+1-len(more))...)
		}
		if depth > 0 {
			var b strings.Builder
			for d := 1; d < depth; d++ {
				b.WriteString(pick(more[d], "│ ", "  "))
			}
			b.WriteString(pick(more[depth], "├─", "└─"))
			if spans[i].Depth > drawn {
				fmt.Fprintf(&b, "┄%d ", spans[i].Depth)
			}
			out[i] = b.String()
		}
		more[depth] = true
		clear(more[depth+1:]) // what follows deeper hangs under this span
	}
	return out
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// Table prints a trace's spans as a table, one line a span, in the tree's order.
func Table(w io.Writer, p *trace.Printed, colour Colour) error {
	rows := make([][]string, 0, len(p.Spans))
	for i := range p.Spans {
		s := &p.Spans[i]
		ends := ""
		if s.Client != "" || s.Server != "" {
			ends = Clean(string(s.Client) + " → " + string(s.Server))
		}
		rows = append(rows, []string{
			s.ID, cmp.Or(string(s.Parent), "-"), s.Source, s.Point, Clean(string(s.Service)), shorten(Clean(cmp.Or(string(s.Name), string(s.Request))), nameWidth),
			Duration(s.Start - p.Start), Duration(s.End - s.Start), place(s), ends, cmp.Or(string(s.Confidence), "-"), string(s.Status),
		})
	}
	return table(w, colour, []string{"ID", "PARENT", "SRC", "POINT", "SERVICE", "NAME", "START", "DURATION", "PLACE", "CLIENT → SERVER", "LINK", "STATUS"}, rows, 6, 7)
}
