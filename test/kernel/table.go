package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/throughline-io/throughline/test/kernel/report"
)

// table is what the runs saw, in Markdown.
func table(runs []report.Run) string {
	var b strings.Builder
	b.WriteString("| kernel | `--sys-variant` | hooks in use | requests | " + strings.Join(report.Places, " | ") + " | same sequence numbers | goroutines | lost |\n")
	b.WriteString(strings.Repeat("|---", 7+len(report.Places)) + "|\n")
	for _, run := range runs {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |", run.Kernel, run.Variant, cmp.Or(run.Hooks, "none: "+needs(run)), run.Requests)
		for _, place := range report.Places {
			fmt.Fprintf(&b, " %d |", run.Spans[place])
		}
		fmt.Fprintf(&b, " %d | %d | %d |\n", run.Joined, run.Goroutines, len(run.Lost))
	}
	return b.String()
}

// write puts a text between the marks of its name in a document.
func write(path, name, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+": generated -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(old), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s has no part between %q and %q", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+text+end+after), 0o644)
}

// needs is the first of what a kernel said to hooks that it refused.
func needs(run report.Run) string { return run.Refused }
