package main

import (
	"slices"
	"strings"
)

// lost are words of the ledger's lines for what was not seen or not passed on.
var lost = []string{"drop", "lost", "refus", "given up", "gap", "malformed", "full", "not ", "without", "too ", "timeout", "unreadable", "skipped"}

// harmless are lines that have such words and are of no loss.
var harmless = []string{"other namespace", "packets without TCP"}

// losses is what the ledger counted between two times.
func losses(before, after map[string]uint64) map[string]uint64 {
	out := map[string]uint64{}
	for what, n := range after {
		if n > before[what] && !slices.ContainsFunc(harmless, func(word string) bool { return strings.Contains(what, word) }) && slices.ContainsFunc(lost, func(word string) bool { return strings.Contains(strings.ToLower(what), word) }) {
			out[what] = n - before[what]
		}
	}
	return out
}
