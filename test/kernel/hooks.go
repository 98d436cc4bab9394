package main

import (
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/agent/sys"
)

// hooks is what the agent attaches to and by which ways, in Markdown, from the agent's own code. A spare is
// attached to what its program is, and not told.
func hooks() (string, error) {
	list, err := sys.Hooks()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| variant | program | attached to |\n|---|---|---|\n")
	for _, h := range list {
		if !h.Spare {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", h.Variant, h.Program, together(h.Targets))
		}
	}
	b.WriteString("\n| tried by `auto`, in this order | oldest Linux |\n|---|---|\n")
	for _, w := range sys.Ways() {
		fmt.Fprintf(&b, "| %s | %s |\n", w.Name, w.Linux)
	}
	return b.String(), nil
}

// together writes names that begin alike: what they have in common, and how each ends.
func together(names []string) string {
	if len(names) == 1 {
		return "`" + names[0] + "`"
	}
	common := names[0][:strings.LastIndex(names[0], "_")+1]
	ends := make([]string, len(names))
	for i, name := range names {
		ends[i] = strings.TrimPrefix(name, common)
	}
	return fmt.Sprintf("`%s` + `%s`", common, strings.Join(ends, " "))
}
