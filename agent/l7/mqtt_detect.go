package l7

// detectMQTT knows what a connection begins with, and packets that end where they say and say nothing that is not allowed: of a
// message its topic. That is said by both sides; who has opened the connection its ports tell then.
func detectMQTT(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	left, n := mqttLength(data[1:])
	if n == 0 {
		return more(len(data) < 5 && isMQTTFirst(data[0]))
	}
	kind, flags := data[0]>>4, data[0]&0xf
	if !isMQTTFirst(data[0]) || left < mqttLeast[kind] {
		return MatchNone
	}
	body, whole := data[1+n:], len(data) >= 1+n+left
	if whole {
		body = body[:left]
	}
	switch kind {
	case mqttConnect:
		return matchMQTTConnect(body)
	case mqttConnected: // of version 5 an answer to what was not seen is not told
		switch {
		case left != 2 || len(body) > 0 && body[0] > 1 || len(body) > 1 && body[1] >= byte(len(mqttRefusals)):
			return MatchNone
		case !whole:
			return MatchMore
		case len(data) > 1+n+left && !isMQTTFirst(data[1+n+left]):
			return MatchNone
		}
		return MatchResponse
	case mqttPublish:
		return matchMQTTMessage(flags, left, body)
	case mqttSubscribe, mqttUnsubscribe:
		options := 1
		if kind == mqttUnsubscribe {
			options = 0
		}
		switch {
		case !isMQTTSubscription(body, options, whole) && !isMQTTSubscriptionOf5(body, options, whole):
			return MatchNone
		case !whole:
			return more(left < mqttWanted)
		}
		return MatchRequest
	}
	return MatchNone
}

// matchMQTTConnect knows the protocol's name and its version.
func matchMQTTConnect(body []byte) Match {
	m := MatchNone
	for _, name := range [...]string{"\x00\x04MQTT\x04", "\x00\x04MQTT\x05", "\x00\x06MQIsdp\x03"} {
		m = max(m, prefixMatch(body, name, MatchRequest))
	}
	return m
}

// mqttTopicLeast is how long a topic is at least by which a connection is told.
const mqttTopicLeast = 3

// matchMQTTMessage knows a topic of letters that stand in topics.
func matchMQTTMessage(flags byte, left int, body []byte) Match {
	if len(body) > 0 && body[0] != 0 {
		return MatchNone
	}
	if len(body) < 2 {
		return MatchMore
	}
	n := int(body[1])
	id := 0
	if flags&6 != 0 {
		id = 2
	}
	if n < mqttTopicLeast || 2+n+id > left {
		return MatchNone
	}
	for _, c := range body[2:min(len(body), 2+n)] {
		if !isLetter(c) && !isDigit(c) && c != '/' && c != '-' && c != '_' && c != '.' && c != '$' && c != ':' {
			return MatchNone
		}
	}
	switch {
	case len(body) < 2+n+id:
		return MatchMore
	case id > 0 && body[2+n] == 0 && body[3+n] == 0:
		return MatchNone
	}
	return MatchEither
}

// isMQTTSubscription reports whether filters follow a packet's number, as far as they are there.
func isMQTTSubscription(body []byte, options int, whole bool) bool {
	if len(body) >= 2 && body[0] == 0 && body[1] == 0 {
		return false
	}
	rest := body[min(len(body), 2):]
	for len(rest) > 0 {
		name, behind, ok := mqttText(rest)
		switch {
		case !ok:
			return !whole && rest[0] < 4
		case !isMQTTFilter(name), len(behind) < options && whole, len(behind) >= options && options > 0 && behind[0] > 0x2f:
			return false
		}
		rest = behind[min(len(behind), options):]
	}
	return true
}

// isMQTTSubscriptionOf5 is it with properties in front.
func isMQTTSubscriptionOf5(body []byte, options int, whole bool) bool {
	if len(body) <= 2 {
		return !whole
	}
	_, rest, ok := readMQTTProperties(body[2:])
	if !ok {
		return !whole && len(body) < 128
	}
	return (len(rest) > 0 || !whole) && isMQTTSubscription(append(append(make([]byte, 0, len(body)), body[:2]...), rest...), options, whole)
}

// isMQTTFilter tells a topic's filter, which is text.
func isMQTTFilter(name []byte) bool {
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return len(name) > 0
}

// resumeMQTT takes every packet: also what both sides say.
func resumeMQTT(data []byte, missing int) Match {
	p, s := readMQTT(data, missing)
	switch {
	case s == More:
		return MatchMore
	case s != Head:
		return MatchNone
	}
	switch p.kind {
	case mqttConnect, mqttSubscribe, mqttUnsubscribe, mqttPing:
		return MatchRequest
	case mqttConnected, mqttSubscribed, mqttUnsubscribed, mqttPong:
		return MatchResponse
	case mqttPublish:
		if len(p.body) < 2 || matchMQTTMessage(p.flags, p.left, p.body) == MatchEither || p.left > 2 && p.body[0] == 0 && p.body[1] == 0 {
			return MatchEither // also one of which the topic is a number
		}
		return MatchNone
	case mqttAcked, mqttReceived, mqttRelease, mqttComplete:
		if p.left > 2 && p.left < 4 && len(p.body) > 2 && p.body[2] != 0 && p.body[2] != 0x10 && p.body[2] < mqttFails {
			return MatchNone
		}
	}
	return MatchEither
}
