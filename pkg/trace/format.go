package trace

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// FormatDuration writes nanoseconds as people read them: three digits and a unit up to two
// minutes ("203 ms", "1.24 s", "98.0 s"), from there the two largest units ("2 min 14 s",
// "2 h 12 min", "3 d 4 h"). src/trace/format.ts writes the same; testdata/duration.json
// holds for both.
func FormatDuration(ns int64) string {
	if ns < 0 {
		if ns == -1<<63 {
			ns++
		}
		return "-" + FormatDuration(-ns)
	}
	if ns >= 119_500_000_000 {
		return formatLong((ns + 500_000_000) / 1_000_000_000)
	}
	unit, name := int64(1), 0
	for name < len(unitNames)-1 && 2*ns >= 1999*unit {
		unit, name = 1000*unit, name+1
	}
	power, digits := int64(100), 2
	switch {
	case name == 0 || 100*ns >= 9995*unit:
		power, digits = 1, 0
	case 1000*ns >= 9995*unit:
		power, digits = 10, 1
	}
	n := (2*ns*power + unit) / (2 * unit) // halves are rounded up, by whole numbers
	text := strconv.FormatInt(n/power, 10)
	if digits > 0 {
		rest := strconv.FormatInt(n%power, 10)
		text += "." + strings.Repeat("0", digits-len(rest)) + rest
	}
	return text + " " + unitNames[name]
}

var unitNames = [...]string{"ns", "µs", "ms", "s"}

// formatLong writes whole seconds in two units.
func formatLong(s int64) string {
	pair := func(large int64, unit string, small int64, of string) string {
		return strconv.FormatInt(large, 10) + " " + unit + " " + strconv.FormatInt(small, 10) + " " + of
	}
	switch {
	case s < 3600:
		return pair(s/60, "min", s%60, "s")
	case s < 48*3600:
		return pair(s/3600, "h", s%3600/60, "min")
	}
	return pair(s/86400, "d", s%86400/3600, "h")
}

// maxName is how many characters of a name stand in a sentence.
const maxName = 120

// shorten cuts a text after so many characters, and says so by an ellipsis.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// firstLine is a message's first line: a stack trace has no place in a sentence.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
