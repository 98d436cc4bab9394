package l7

import "bytes"

// memcachedShape is what a command of the text protocol looks like.
type memcachedShape uint8

const (
	shapeStore   memcachedShape = iota + 1 // key flags time bytes [cas] [noreply], and a value
	shapeGet                               // keys
	shapeTouch                             // time keys
	shapeChange                            // key [number] [noreply]
	shapeMeta                              // key and flags
	shapeMetaSet                           // key bytes flags, and a value
	shapeStats                             // is answered by lines up to END
	shapeOther                             // is answered by a line
	shapeQuit                              // is not
)

// memcachedCommands are those of the text protocol.
var memcachedCommands = map[string]struct {
	name  string
	shape memcachedShape
	told  bool // a connection of no known protocol is told by it
}{
	"get": {"get", shapeGet, true}, "gets": {"gets", shapeGet, true}, "gat": {"gat", shapeTouch, true}, "gats": {"gats", shapeTouch, true},
	"set": {"set", shapeStore, true}, "add": {"add", shapeStore, true}, "replace": {"replace", shapeStore, true},
	"append": {"append", shapeStore, true}, "prepend": {"prepend", shapeStore, true}, "cas": {"cas", shapeStore, true},
	"delete": {"delete", shapeChange, false}, "touch": {"touch", shapeChange, false}, "incr": {"incr", shapeChange, true}, "decr": {"decr", shapeChange, true},
	"mg": {"mg", shapeMeta, true}, "md": {"md", shapeMeta, false}, "ma": {"ma", shapeMeta, false}, "me": {"me", shapeMeta, false}, "ms": {"ms", shapeMetaSet, true},
	"mn": {"mn", shapeOther, false}, "stats": {"stats", shapeStats, false}, "version": {"version", shapeOther, false}, "verbosity": {"verbosity", shapeOther, false},
	"flush_all": {"flush_all", shapeOther, false}, "lru": {"lru", shapeOther, false}, "lru_crawler": {"lru_crawler", shapeOther, false},
	"slabs": {"slabs", shapeOther, false}, "cache_memlimit": {"cache_memlimit", shapeOther, false}, "shutdown": {"shutdown", shapeQuit, false}, "quit": {"quit", shapeQuit, false},
}

// readMemcachedAsk reads a command.
func readMemcachedAsk(data []byte, missing int) (a memcachedAsk, s State) {
	if len(data) == 0 {
		return a, moreUnless(missing)
	}
	if data[0] == memcachedRequest {
		return readMemcachedBinary(data, missing)
	}
	a, _, s = readMemcachedText(data, missing)
	return a, s
}

// moreUnless is More, where what is to come will be captured.
func moreUnless(missing int) State {
	if missing > 0 {
		return Bad
	}
	return More
}

// readMemcachedText reads a line of the text protocol; told says whether it cannot be taken for one of another.
func readMemcachedText(data []byte, missing int) (a memcachedAsk, told bool, s State) {
	end := bytes.IndexByte(data[:min(len(data), memcachedLine)], '\n')
	line := data
	switch {
	case end > 0 && data[end-1] == '\r':
		line = data[:end-1]
	case end >= 0:
		line = data[:end]
	}
	name, rest, _ := bytes.Cut(line, []byte(" "))
	c, known := memcachedCommands[string(name)]
	if !known {
		if end < 0 && missing == 0 && isMemcachedWord(line) {
			return a, false, More
		}
		return a, false, Bad
	}
	a.name = c.name
	if end < 0 {
		switch {
		case missing == 0 && len(data) < memcachedLine:
			return a, false, More
		case c.shape != shapeGet: // of a get the line may be long
			return a, false, Bad
		}
		a.size = uint64(len(data))
	} else {
		a.size, a.ends = uint64(end)+1, true
	}
	if !a.readLine(c.shape, rest) {
		return a, false, Bad
	}
	told = c.told || c.shape == shapeChange && a.ends && !isNumber(a.key) // beanstalkd deletes and touches numbers
	return a, told, Head
}

// longestMemcached is the length of the longest of their names, by far.
const longestMemcached = 16

// isMemcachedWord reports whether bytes may be the beginning of a command's name.
func isMemcachedWord(line []byte) bool {
	if len(line) > longestMemcached {
		return false
	}
	for name := range memcachedCommands {
		if len(line) <= len(name) && string(line) == name[:len(line)] {
			return true
		}
	}
	return false
}

// readLine reads what follows a command's name.
func (a *memcachedAsk) readLine(shape memcachedShape, rest []byte) bool {
	var words [6][]byte
	n, last := 0, []byte(nil)
	for len(rest) > 0 {
		var word []byte
		word, rest, _ = bytes.Cut(rest, []byte(" "))
		if len(word) == 0 {
			continue
		}
		if n < len(words) {
			words[n] = word
		}
		n++
		last = word
	}
	a.expect = memcachedOne
	noreply := string(last) == "noreply" && n > 1
	if noreply {
		a.role = OneWay
	}
	a.key = words[0]
	a.keys = 1
	switch shape {
	case shapeStore:
		size, ok := memcachedNumber(words[3])
		if n < 4 || n > 6 || !ok || !isNumber(words[1]) || !isNumber(words[2]) {
			return false
		}
		a.size += size + 2
	case shapeGet:
		a.expect, a.keys = memcachedValues, n
	case shapeTouch:
		if n < 2 || !isNumber(words[0]) {
			return false
		}
		a.expect, a.key, a.keys = memcachedValues, words[1], n-1
	case shapeChange:
		if n > 3 || n > 1 && !noreply && !isNumber(words[1]) {
			return false
		}
	case shapeMeta:
		if n == 0 {
			return false
		}
		a.expect = memcachedMeta
		if quiet := hasFlag(words[1:min(n, len(words))], 'q'); quiet && a.name == "mg" {
			a.batch, a.expect = true, memcachedBatch
		} else if quiet {
			a.role = OneWay
		}
	case shapeMetaSet:
		size, ok := memcachedNumber(words[1])
		if !ok {
			return false
		}
		a.size += size + 2
		a.expect = memcachedMeta
		if hasFlag(words[2:min(n, len(words))], 'q') {
			a.role = OneWay
		}
	case shapeStats, shapeOther, shapeQuit:
		a.key, a.keys = nil, 0
		switch a.name {
		case "stats":
			a.expect = memcachedStats
		case "mn":
			a.expect, a.role = memcachedBatch, Silent
		case "version":
			a.role = Silent
		case "quit", "shutdown":
			a.role = Dismissed
		}
		return n < 5
	}
	return n > 0 && isMemcachedKey(a.key)
}

// hasFlag looks for a flag of a meta command.
func hasFlag(words [][]byte, flag byte) bool {
	for _, w := range words {
		if len(w) > 0 && w[0] == flag {
			return true
		}
	}
	return false
}

func isMemcachedKey(key []byte) bool {
	for _, c := range key {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(key) > 0 && len(key) <= memcachedKey
}

// memcachedNumber reads how long a value is.
func memcachedNumber(word []byte) (n uint64, ok bool) {
	if len(word) == 0 || len(word) > 10 {
		return 0, false
	}
	for _, c := range word {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, n <= memcachedItem
}

// isNumber reports whether a word is a number, which may be negative.
func isNumber(word []byte) bool {
	if len(word) > 1 && word[0] == '-' {
		word = word[1:]
	}
	for _, c := range word {
		if !isDigit(c) {
			return false
		}
	}
	return len(word) > 0 && len(word) <= 20
}
