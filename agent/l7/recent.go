package l7

// recent are texts that a connection's messages said last, so that what is said again and again is kept once.
type recent struct {
	texts [8]string
	next  int
}

// longestRecent is the longest text that is remembered.
const longestRecent = 256

// text is bytes as a text.
func (r *recent) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	for i := range r.texts {
		if r.texts[i] == string(b) {
			return r.texts[i]
		}
	}
	text := string(b)
	if len(text) <= longestRecent {
		r.texts[r.next] = text
		r.next = (r.next + 1) % len(r.texts)
	}
	return text
}

// kept is how many bytes of memory they take.
func (r *recent) kept() (n int) {
	for _, text := range r.texts {
		n += len(text)
	}
	return n
}
