package l7

// detectMemcached knows a header of the binary protocol, in which nearly every field is fixed, and the commands of the text protocol
// that nobody else has: a whole line of them.
func detectMemcached(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	switch c := data[0]; {
	case c == memcachedRequest:
		_, s := readMemcachedBinary(data, 0)
		return s.match(MatchRequest)
	case c == memcachedResponse:
		_, s := readMemcachedHead(data, 0)
		return s.match(MatchResponse)
	case c >= 'a' && c <= 's':
		_, told, s := readMemcachedText(data, 0)
		if s == Head && !told {
			return MatchNone
		}
		return s.match(MatchRequest)
	case c == 'V' || c == 'S':
		p, s := readMemcachedSaid(data, 0)
		if s == Head && !p.value && string(p.text) != "STORED" {
			return MatchNone
		}
		return s.match(MatchResponse)
	}
	return MatchNone
}

// match is what was found of something that would be a match.
func (s State) match(m Match) Match {
	switch s {
	case Head:
		return m
	case More:
		return MatchMore
	}
	return MatchNone
}

// resumeMemcached takes all that has the form of a command or an answer.
func resumeMemcached(data []byte, missing int) Match {
	if _, s := readMemcachedAsk(data, missing); s != Bad {
		return s.match(MatchRequest)
	}
	_, s := readMemcachedSaid(data, missing)
	return s.match(MatchResponse)
}
