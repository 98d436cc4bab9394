package plugin

import "time"

// settleTime is how long spans are on their way to the store: exporters of OpenTelemetry send
// what they have every 5 s, as agents do, and the server stores it within seconds.
const settleTime = 20 * time.Second

// settled is the end of the minutes, in Unix ns, in which what is stored is all there will be.
// Later ones would show a rate that falls to 0 wherever a graph ends now.
func settled(now time.Time) int64 {
	return now.Add(-settleTime).Truncate(time.Minute).UnixNano()
}

// endOfSeries is where a graph of a range ends: with the last settled minute, or where the
// range does. A range that has no settled minute is shown as it is.
func endOfSeries(from, to int64, now time.Time) int64 {
	last := settled(now) - 1 // a range has its end
	if (to == 0 || to > last) && last > from {
		return last
	}
	return to
}
