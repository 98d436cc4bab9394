package sys

import (
	"slices"
	"strings"

	"github.com/throughline-io/throughline/bpf"
)

// Hook is a BPF program and what it is attached to.
type Hook struct {
	Variant Variant
	Program string
	Targets []string // by kind and name, such as "tracepoint/syscalls/sys_enter_read"
	Spare   bool     // it does another's work where the kernel leaves that out
}

// Hooks lists what the object's programs are attached to, by variant and program.
func Hooks() ([]Hook, error) {
	s, err := bpf.LoadSockio()
	if err != nil {
		return nil, err
	}
	var list []Hook
	for name, program := range s.Programs {
		for variant, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				list = append(list, Hook{variant, name, targets(program.SectionName), strings.HasSuffix(name, spareSuffix)})
			}
		}
	}
	slices.SortFunc(list, func(a, b Hook) int { return strings.Compare(a.Program, b.Program) })
	return list, nil
}

// prefixes begin the names of each variant's programs.
var prefixes = map[Variant]string{TPBTF: "all_", Tracepoint: "one_"}

// spareSuffix ends the name of a program that does another's work where the kernel left that out.
const spareSuffix = "_spare"

// isOfCall reports whether a program is one of the entry or exit of system calls.
func isOfCall(name string) bool {
	name = strings.TrimSuffix(name, spareSuffix)
	for _, prefix := range prefixes {
		if call, ok := strings.CutPrefix(name, prefix); ok {
			return call == "enter" || call == "exit" || strings.HasPrefix(call, "enter_")
		}
	}
	return false
}

// targets are what a program of a section is attached to: one thing, but for the exit of system calls.
func targets(section string) []string {
	if section != "tracepoint/syscalls/sys_exit" {
		return []string{section}
	}
	var list []string
	for _, call := range tracedCalls {
		list = append(list, section+"_"+call)
	}
	return list
}

// A Way is a way to hook system calls, by the name that the agent gives to it, and the oldest Linux that
// has all it needs.
type Way struct{ Name, Linux string }

// Ways lists what `auto` tries, in this order.
func Ways() (list []Way) {
	for _, b := range ladder(Auto) {
		list = append(list, Way{b.String(), b.since()})
	}
	return list
}
