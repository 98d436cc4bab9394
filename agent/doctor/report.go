// Package doctor says what an agent can do where it runs, what it lacks for the rest, and how to mend
// that.
package doctor

import (
	"fmt"
	"io"
	"strings"
)

// State is how a part is.
type State string

// The states. Limited works, but not all of it.
const (
	Works   State = "works"
	Limited State = "limited"
	Fails   State = "fails"
	Off     State = "off" // not asked for
)

// Part is something that an agent does.
type Part struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Says  string `json:"says,omitempty"` // about it, where it works
	Lacks []Lack `json:"lacks,omitempty"`
}

// Lack is what a part would need, and how to give it.
type Lack struct {
	What string `json:"what"`
	Mend string `json:"mend,omitempty"`
}

func (l Lack) String() string {
	if l.Mend == "" {
		return l.What
	}
	return l.What + " (" + l.Mend + ")"
}

// Report is all parts.
type Report struct {
	Parts []Part `json:"parts"`
}

// Failing are the parts that were asked for and do not work.
func (r Report) Failing() (names []string) {
	for _, p := range r.Parts {
		if p.State == Fails {
			names = append(names, p.Name)
		}
	}
	return names
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	var b strings.Builder
	for _, p := range r.Parts {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-12s %-8s %s", p.Name, p.State, p.Says), " "))
		for _, l := range p.Lacks {
			fmt.Fprintf(&b, "%12s lacks    %s\n", "", l.What)
			if l.Mend != "" {
				fmt.Fprintf(&b, "%12s mend     %s\n", "", l.Mend)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Because adds to an error what is lacking.
func Because(err error, lacks []Lack) error {
	if err == nil || len(lacks) == 0 {
		return err
	}
	list := make([]string, len(lacks))
	for i, l := range lacks {
		list[i] = l.String()
	}
	return fmt.Errorf("%w; lacking here: %s", err, strings.Join(list, "; "))
}
