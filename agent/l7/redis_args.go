package l7

import "bytes"

// redisArgs are a command's first arguments, as far as they were captured.
type redisArgs struct {
	total int // of the command
	n     int // whole ones in list; behind them there may be one that was cut off
	list  [12][]byte
	head  int // bytes in front of the first one
	line  int // bytes of a command that is a line
}

// read reads a command's arguments. Head: there is a name at least, or nothing.
func (a *redisArgs) read(data []byte, missing int) State {
	switch {
	case len(data) == 0 && missing == 0:
		return More
	case len(data) == 0:
		return Bad
	case data[0] != '*':
		return a.readLine(data, missing)
	}
	total, width, ok := redisNumber(data, '*')
	switch {
	case !ok && width == 0 && missing == 0:
		return More
	case !ok, total > redisMaxArgs, total < -1:
		return Bad
	case total <= 0:
		a.head = width
		return Head
	}
	a.total, a.head = int(total), width
	for at := width; a.n < min(a.total, len(a.list)) && at < len(data); {
		n, width, ok := redisNumber(data[at:], '$')
		switch {
		case !ok && width == 0:
			return a.named(missing)
		case !ok, n < 0, n > redisMaxBulk:
			return Bad
		}
		at += width
		if int64(len(data)-at) < n+2 {
			a.list[a.n] = data[at:min(int64(len(data)), int64(at)+n)]
			break
		}
		if data[int64(at)+n] != '\r' || data[int64(at)+n+1] != '\n' {
			return Bad
		}
		a.list[a.n] = data[at : int64(at)+n]
		a.n++
		at += int(n) + 2
	}
	return a.named(missing)
}

// named reports whether the command's name is there.
func (a *redisArgs) named(missing int) State {
	switch {
	case a.n > 0 && isCommandName(a.list[0]):
		return Head
	case a.n > 0, missing > 0:
		return Bad
	}
	return More
}

// readLine reads an inline command, as people type it.
func (a *redisArgs) readLine(data []byte, missing int) State {
	end := bytes.IndexByte(data[:min(len(data), redisMaxLine)], '\n')
	if end < 0 {
		if missing > 0 || len(data) >= redisMaxLine || !isCommandName(data[:min(len(data), 1)]) {
			return Bad
		}
		return More
	}
	a.line = end + 1
	for rest := bytes.TrimSpace(data[:end]); len(rest) > 0 && a.n < len(a.list); a.n++ {
		word, behind, _ := bytes.Cut(rest, []byte(" "))
		a.list[a.n], rest = word, bytes.TrimLeft(behind, " ")
	}
	if a.n == 0 { // an empty line is passed
		return Head
	}
	if !isCommandName(a.list[0]) {
		return Bad
	}
	a.total = a.n
	return Head
}

// wantsMore reports whether more of a command has to be there to know its key.
func (a *redisArgs) wantsMore(c *redisCommand, data []byte, missing int) bool {
	if missing > 0 || a.line > 0 || a.n >= min(a.total, len(a.list)) {
		return false
	}
	if c.flags&(redisNumbered|redisStreams) != 0 {
		return len(data) < redisMaxLine
	}
	wanted := max(int(c.key), 1)
	if c.name == "CLIENT" {
		wanted = 2
	}
	return a.n <= min(wanted, a.total-1) && len(a.list[a.n]) < redisKey
}

// key is the first key of a command, or what else it is about.
func (a *redisArgs) key(c *redisCommand) []byte {
	switch {
	case c.flags&redisStreams != 0: // behind the word STREAMS
		for i := 1; i+1 < len(a.list); i++ {
			if bytes.EqualFold(a.list[i], []byte("STREAMS")) {
				return a.list[i+1]
			}
		}
		return nil
	case c.flags&redisNumbered != 0: // behind the number of keys
		if string(a.list[c.key-1]) == "0" {
			return nil
		}
	}
	if c.key == 0 {
		return nil
	}
	return a.list[c.key]
}

// has reports whether a word is among the arguments.
func (a *redisArgs) has(word string) bool {
	for i := 1; i < a.n; i++ {
		if len(a.list[i]) == len(word) && bytes.EqualFold(a.list[i], []byte(word)) {
			return true
		}
	}
	return false
}

// redisNumber reads a mark, a number and the line's end. Without ok there may be one if width is 0, and is none if it
// is less.
func redisNumber(data []byte, mark byte) (n int64, width int, ok bool) {
	const longest = 20
	if len(data) > 0 && data[0] != mark {
		return 0, -1, false
	}
	negative := false
	for i := 1; i < len(data); i++ {
		switch c := data[i]; {
		case isDigit(c) && i < longest:
			n = n*10 + int64(c-'0')
		case c == '-' && i == 1:
			negative = true
		case c == '\r' && i > 1 && !(negative && i == 2):
			if i+1 == len(data) {
				return 0, 0, false
			}
			if data[i+1] != '\n' {
				return 0, -1, false
			}
			if negative {
				n = -n
			}
			return n, i + 2, true
		default:
			return 0, -1, false
		}
	}
	return 0, 0, false
}
