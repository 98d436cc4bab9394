package trace

import "strconv"

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
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + unit
}

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
