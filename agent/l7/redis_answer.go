package l7

import (
	"bytes"

	"github.com/throughline-io/throughline/pkg/span"
)

// redisAnswer is where in its answer, or in what it says unasked, the server is.
type redisAnswer struct {
	begun bool
	left  uint64 // values
	lost  bool   // where the next value begins was not captured
	exec  bool   // of a transaction: an error among its values is its own
	about bool   // it tells about the answer that follows
}

func (d *redisDialogue) Response(data []byte, missing int, x Exchanges) Step {
	a := &d.answer
	if a.begun {
		return d.answerRest(data, missing, x)
	}
	v, state := readValue(data, missing)
	if state != Head {
		return Step{State: state}
	}
	f := x.Open(0)
	unasked := unaskedNo
	if v.kind == '>' || v.kind == '*' && (d.subscribed || f == nil) {
		var channel []byte
		if unasked, channel, state = readUnasked(v, data, missing, f); state != Head {
			return Step{State: state}
		}
		if unasked == unaskedMessage {
			d.subscribed = true
			return d.push(channel, data, x)
		}
	}
	*a = redisAnswer{begun: true, left: 1, about: v.kind == '|'}
	switch {
	case a.about, f == nil, unasked == unaskedAside:
		return Step{State: Head, Role: Aside}
	}
	if state := v.outcome(data, missing, f); state != Head {
		*a = redisAnswer{}
		return Step{State: state}
	}
	a.exec = f.Type == "EXEC"
	return Step{State: Head}
}

// push begins a message that the server was not asked for.
func (d *redisDialogue) push(channel, data []byte, x Exchanges) Step {
	f := x.Begun()
	f.Protocol, f.Type, f.Endpoint, f.Attributes = Redis.Name, "MESSAGE", "MESSAGE", d.database
	f.Resource = d.key(channel)
	f.Status = span.StatusOK
	d.answer = redisAnswer{begun: true, left: 1}
	return Step{State: Head, Kind: Push, Role: OneWay}
}

// answerRest passes the values of an answer.
func (d *redisDialogue) answerRest(data []byte, missing int, x Exchanges) Step {
	a := &d.answer
	if a.lost {
		return Step{State: Open} // a value that begins here may be of the same array
	}
	at := uint64(0)
	for a.left > 0 {
		if at > 0 && at >= uint64(len(data)) {
			return Step{State: Body, Advance: at}
		}
		v, state := readValue(data[at:], missing)
		switch {
		case state == More && at > 0 || state == Bad && at > 0:
			return Step{State: Body, Advance: at}
		case state == More:
			return Step{State: More}
		case state == Bad:
			a.lost = true
			return Step{State: Open}
		}
		if a.exec && v.kind == '-' {
			if f := x.Open(0); f != nil && !f.Status.Error() {
				if state := v.outcome(data[at:], missing, f); state == More {
					if at > 0 {
						return Step{State: Body, Advance: at}
					}
					return Step{State: More}
				}
			}
		}
		if v.kind != '|' || a.about {
			a.left--
		}
		a.about = false
		if a.left += v.values(); a.left > redisMaxParts {
			a.lost = true
			return Step{State: Open}
		}
		at += v.size
	}
	d.answer = redisAnswer{}
	return Step{State: End, Advance: at}
}

// redisValue is the beginning of a value.
type redisValue struct {
	kind  byte
	size  uint64 // bytes of it in front of the values in it
	count uint64 // of an aggregate, its values or pairs
	head  int    // bytes in front of a text
}

// values is how many values are in it.
func (v redisValue) values() uint64 {
	switch v.kind {
	case '*', '~', '>':
		return v.count
	case '%', '|':
		return 2 * v.count
	}
	return 0
}

// readValue reads where a value begins.
func readValue(data []byte, missing int) (v redisValue, s State) {
	if len(data) == 0 {
		if missing > 0 {
			return v, Bad
		}
		return v, More
	}
	v.kind = data[0]
	switch v.kind {
	case '+', '-', ':', '_', ',', '#', '(':
		end := bytes.Index(data[:min(len(data), redisMaxLine)], []byte("\r\n"))
		switch {
		case end >= 0:
			v.size, v.head = uint64(end)+2, 1
			return v, plausibleLine(data[:end+1])
		case missing > 0 || len(data) >= redisMaxLine || len(data) > 1 && plausibleLine(data) == Bad:
			return v, Bad
		}
		return v, More
	case '$', '!', '=', '*', '~', '>', '%', '|':
	default:
		return v, Bad
	}
	n, width, ok := redisNumber(data, v.kind)
	switch {
	case !ok && width == 0 && missing == 0:
		return v, More
	case !ok, n < -1:
		return v, Bad
	}
	v.size, v.head = uint64(width), width
	switch {
	case n < 0: // nothing, in RESP2
		if v.kind != '$' && v.kind != '*' {
			return v, Bad
		}
	case v.kind == '$' || v.kind == '!' || v.kind == '=':
		if n > redisMaxBulk {
			return v, Bad
		}
		v.size += uint64(n) + 2
	case n > 1<<31:
		return v, Bad
	default:
		v.count = uint64(n)
	}
	return v, Head
}

// plausibleLine tells a value that is a line from what only looks like one; the line's end may be missing.
func plausibleLine(line []byte) State {
	c := line[1]
	switch line[0] {
	case '_':
		return matchLine(c == '\r')
	case '#':
		return matchLine(c == 't' || c == 'f')
	case ':', '(':
		return matchLine(isDigit(c) || c == '-' || c == '+')
	case ',':
		return matchLine(isDigit(c) || c == '-' || c == '+' || c == 'i' || c == 'n')
	}
	for _, c := range line[1:min(len(line), 32)] {
		if c < ' ' && c != '\t' && c != '\r' {
			return Bad
		}
	}
	return Head
}

func matchLine(is bool) State {
	if is {
		return Head
	}
	return Bad
}
