package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const heading = "| case | requests | right | of HTTP, SQL | wrong | orphan | proven | causal | inferred | background | one tree | mixed | APP | SYS | NET | doubled | agent µs | lost |\n"

// row is a figure in Markdown.
func (f *Figure) row() string {
	claim := func(name string) string {
		t := f.Score.Confidence[name]
		if t == nil {
			return ""
		}
		text := percent(t.Right, f.Expected)
		if t.Wrong > 0 {
			text += ", **" + percent(t.Wrong, f.Expected) + " wrong**"
		}
		return text
	}
	s := &f.Score
	kinds := ""
	if n := s.Statements; n != (Tally{}) {
		sql, all := n.Right+n.Wrong+n.Orphan, s.Calls.Right+s.Calls.Wrong+s.Calls.Orphan
		kinds = percent(s.Calls.Right-n.Right, all-sql) + ", " + percent(n.Right, sql)
	}
	background := ""
	if n := s.Background.Right + s.Background.Wrong; n > 0 {
		background = fmt.Sprintf("%d of %d", s.Background.Wrong, n)
	}
	var lost []string
	for _, what := range slices.Sorted(maps.Keys(f.Losses)) {
		lost = append(lost, fmt.Sprintf("%s %d", what, f.Losses[what]))
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %.1f | %s | %s | %d | %.0f | %s |\n", f.Case, f.Way,
		percent(s.Calls.Right, f.Expected), kinds, percent(s.Calls.Wrong, f.Expected), percent(s.Calls.Orphan, f.Expected),
		claim("proven"), claim("causal"), claim("inferred"), background, percent(s.OneTree, f.Requests), percent(s.Mixed, f.Requests),
		float64(s.APP)/float64(f.Requests), share(f.SYS), share(f.NET), f.Doubled, f.AgentUS, strings.Join(lost, "; "))
}

func percent(n, all int) string { return share(float64(n) / float64(max(all, 1))) }

// share is in percent: 0 and 100 are exact, all else has two places.
func share(of float64) string {
	switch {
	case of == 0 || of == 1:
		return fmt.Sprint(100 * of)
	case of > 0.9999: // not all
		return "99.99"
	case of < 0.0001: // not none
		return "0.01"
	default:
		return fmt.Sprintf("%.2f", 100*of)
	}
}

// table is all figures in Markdown, and how often each rule was right.
func table(figures []Figure) string {
	var b strings.Builder
	requests := 0
	for _, f := range figures {
		requests = max(requests, f.Requests)
	}
	fmt.Fprintf(&b, "\n%d requests a figure (of slow programs half or less, `fresh` a quarter, `random` half), %s, Linux %s, %d processors.\n\n", requests, runtime.GOARCH, kernel(), runtime.NumCPU())
	b.WriteString(heading + strings.Repeat("|---", strings.Count(heading, "|")-1) + "|\n")
	for i := range figures {
		b.WriteString(figures[i].row())
	}
	b.WriteString("\nBy rule, in all of these figures:\n\n| rule | right | wrong | right of all |\n|---|---|---|---|\n")
	rules := byRule(figures)
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		t := rules[name]
		fmt.Fprintf(&b, "| %s | %d | %d | %s %% |\n", name, t.Right, t.Wrong, percent(t.Right, t.Right+t.Wrong))
	}
	b.WriteString("\nPrograms:\n\n| case | what it is |\n|---|---|\n")
	for _, c := range cases {
		if slices.ContainsFunc(figures, func(f Figure) bool { return f.Case == c.Name }) {
			fmt.Fprintf(&b, "| %s | %s |\n", c.Name, c.About)
		}
	}
	return b.String()
}

// byRule is how often each rule was right in all figures.
func byRule(figures []Figure) map[string]*Tally {
	rules := map[string]*Tally{}
	for _, f := range figures {
		for name, t := range f.Score.Rules {
			sum := of(rules, name)
			sum.Right, sum.Wrong = sum.Right+t.Right, sum.Wrong+t.Wrong
		}
	}
	return rules
}

func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "?"
	}
	release, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-") // the rest is who built it
	return release
}
