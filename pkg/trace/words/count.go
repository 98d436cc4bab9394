package words

import "strconv"

// Count is a number of things in words: "1 span", "2 spans". One is what one of them is
// called, a word whose plural ends in s.
func Count[N ~int | ~int64 | ~uint64](n N, one string) string {
	text := strconv.FormatInt(int64(n), 10) + " " + one
	if n != 1 {
		text += "s"
	}
	return text
}
