package l7

import "encoding/binary"

// detectAMQP knows what a connection begins with, and methods that only one side says, in frames that end where they
// say.
func detectAMQP(data []byte) Match {
	switch {
	case len(data) == 0:
		return MatchMore
	case data[0] == amqpPreface[0]:
		return prefixMatch(data, amqpPreface, MatchRequest)
	case data[0] != amqpMethod || len(data) > 3 && data[3] != 0:
		return MatchNone
	case len(data) < amqpFrameHead+4:
		return MatchMore
	}
	f, ok := readAMQPFrame(data)
	if !ok || f.size > amqpLongestRequest {
		return MatchNone
	}
	id := amqpID(binary.BigEndian.Uint32(data[amqpFrameHead:]))
	from := id.side()
	if from != MatchRequest && from != MatchResponse || (f.channel == 0) != (id <= connectionLast) {
		return MatchNone
	}
	if len(data) < f.end() {
		return MatchMore
	}
	return from
}

// resumeAMQP takes any frame.
func resumeAMQP(data []byte, missing int) Match {
	if m := detectAMQP(data); m != MatchNone {
		return m
	}
	if len(data) < amqpFrameHead {
		if missing > 0 || data[0] > amqpHeartbeat || data[0] == 0 {
			return MatchNone
		}
		return MatchMore
	}
	if f, ok := readAMQPFrame(data); !ok || f.kind == amqpMethod && len(data) < amqpFrameHead+4 {
		return MatchNone
	}
	return MatchEither
}
