package l7

import "bytes"

// detectRedis knows commands that are known, as arrays of texts: servers' arrays look alike, but hardly ever begin
// with a command's name. Of what a server says it knows the answer to HELLO, and messages.
func detectRedis(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	switch data[0] {
	case '*':
	case '%', '>':
		return detectRedisServer(data)
	default:
		return MatchNone
	}
	var args redisArgs
	total, width, ok := redisNumber(data, '*')
	switch {
	case !ok && width == 0:
		return MatchMore
	case !ok, total < 1, total > redisMaxArgs:
		return MatchNone
	}
	n, width2, ok := redisNumber(data[width:], '$')
	switch {
	case !ok && width2 == 0:
		return MatchMore
	case !ok, n < 1, n > longestCommand:
		return MatchNone
	}
	name := data[width+width2:]
	if int64(len(name)) < n {
		if len(name) > 0 && !isCommandName(name) {
			return MatchNone
		}
		return MatchMore
	}
	name = name[:n]
	behind := data[width+width2+int(n):]
	switch {
	case !isCommandName(name) || !bytes.HasPrefix([]byte("\r\n"), behind[:min(len(behind), 2)]):
		return MatchNone
	case commandOf(name) == anyCommand:
		return detectRedisServer(data)
	case len(behind) < 2:
		return MatchMore
	}
	if total == 3 && isSubscription(name) { // the server's answer to it has the same name, and a number
		switch args.read(data, 0) {
		case Bad:
			return MatchResponse
		case Head:
			return more(args.n < 3 && len(args.list[2]) == 0).or(MatchRequest)
		}
		return MatchMore
	}
	return MatchRequest
}

// or is another match where there is none.
func (m Match) or(other Match) Match {
	if m == MatchNone {
		return other
	}
	return m
}

func isSubscription(name []byte) bool {
	return len(name) > 8 && bytes.HasSuffix(bytes.ToLower(name), []byte("subscribe"))
}

// detectRedisServer knows what only servers say.
func detectRedisServer(data []byte) Match {
	more := MatchNone
	for _, form := range [...]string{"%7\r\n$6\r\nserver\r\n", "*14\r\n$6\r\nserver\r\n", "*3\r\n$7\r\nmessage\r\n$", "*4\r\n$8\r\npmessage\r\n$", ">3\r\n$7\r\nmessage\r\n$", ">4\r\n$8\r\npmessage\r\n$", ">2\r\n$10\r\ninvalidate\r\n"} {
		switch prefixMatch(data, form, MatchResponse) {
		case MatchResponse:
			return MatchResponse
		case MatchMore:
			more = MatchMore
		}
	}
	return more
}

// resumeRedis takes any value that begins a segment for an answer, unless it is a command.
func resumeRedis(data []byte, missing int) Match {
	if m := detectRedis(data); m != MatchNone {
		return m
	}
	switch _, s := readValue(data, missing); s {
	case Head:
		return MatchResponse
	case More:
		return MatchMore
	}
	var args redisArgs
	if len(data) > 0 && isLetter(data[0]) && args.read(data, missing) == Head && commandOf(args.list[0]) != anyCommand {
		return MatchRequest
	}
	return MatchNone
}
