package l7

// detectNATS knows lines that nobody else says: INFO and CONNECT with an object of JSON, a message with its size, a subscription.
func detectNATS(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	m, s := readNATS(data, 0)
	switch {
	case s == More && m.verb != natsOther && m.subject != nil: // the line says all
	case s == More:
		return MatchMore
	case s != Head || !m.told:
		return MatchNone
	}
	if m.fromServer {
		return MatchResponse
	}
	return MatchRequest
}

// resumeNATS takes every line.
func resumeNATS(data []byte, missing int) Match {
	m, s := readNATS(data, missing)
	switch {
	case s == More:
		return MatchMore
	case s != Head:
		return MatchNone
	case m.fromServer:
		return MatchResponse
	case m.fromClient:
		return MatchRequest
	}
	return MatchEither
}
