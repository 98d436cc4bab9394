package trace

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// formatDuration writes nanoseconds with three digits and a unit: "203 ms", "1.24 s".
func formatDuration(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "-", -ns
	}
	v, unit := float64(ns), "ns"
	for _, u := range []string{"µs", "ms", "s"} {
		if v < 999.5 {
			break
		}
		v, unit = v/1000, u
	}
	digits := 0
	switch {
	case unit == "ns" || v >= 99.95:
	case v >= 9.995:
		digits = 1
	default:
		digits = 2
	}
	return sign + strconv.FormatFloat(v, 'f', digits, 64) + " " + unit
}
