package l7

// unaskedKind says what an array or push is that may be none of an answer.
type unaskedKind uint8

const (
	unaskedNo      unaskedKind = iota // an answer
	unaskedMessage                    // a message of a channel
	unaskedAside                      // another answer to a subscription, or what a client's cache is told
)

// longestUnasked is the length of the longest of their names.
const longestUnasked = len("punsubscribe")

// readUnasked looks at the first two values of an array or push: what it is, and the channel.
func readUnasked(v redisValue, data []byte, missing int, f *Fields) (kind unaskedKind, channel []byte, s State) {
	push := v.kind == '>'
	if push {
		kind = unaskedAside
	}
	if v.count < 2 {
		return kind, nil, Head
	}
	name, rest, s := readText(data[min(uint64(len(data)), v.size):], longestUnasked, missing)
	if s != Head {
		if s == More {
			return kind, nil, More
		}
		return kind, nil, Head
	}
	switch string(name) {
	case "message", "smessage", "pmessage":
		if channel, rest, s = readText(rest, redisKey, missing); s == Head && string(name) == "pmessage" && v.count == 4 {
			channel, _, s = readText(rest, redisKey, missing)
		}
		if s == More {
			return kind, nil, More
		}
		return unaskedMessage, channel, Head
	case "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe":
		if f != nil && f.Type == upper(name) {
			return unaskedNo, nil, Head
		}
		return unaskedAside, nil, Head
	}
	return kind, nil, Head
}

// readText reads a text of up to some bytes; of a longer one what is there. Bad: it is none, or was not captured.
func readText(data []byte, most, missing int) (text, rest []byte, s State) {
	if len(data) == 0 && missing == 0 {
		return nil, nil, More
	}
	n, width, ok := redisNumber(data, '$')
	switch {
	case !ok && width == 0 && missing == 0:
		return nil, nil, More
	case !ok, n < 0, n > redisMaxBulk:
		return nil, nil, Bad
	}
	data = data[width:]
	if int64(len(data)) < n+2 {
		if len(data) < most && missing == 0 && n <= int64(most) {
			return nil, nil, More
		}
		return data[:min(int64(len(data)), n)], nil, Head
	}
	return data[:n], data[n+2:], Head
}
