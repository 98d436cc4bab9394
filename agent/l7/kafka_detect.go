package l7

import "encoding/binary"

// detectKafka knows requests: kinds and versions that there are, with a client's name, whose layout fits their length.
// Of answers it knows the list of versions that a server tells first; of others nothing is certain but their correlation id.
func detectKafka(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	if data[0] != 0 {
		return MatchNone // no request that begins a connection has 16 MiB
	}
	if len(data) < kafkaHead+kafkaLeast {
		return mayBeKafka(data)
	}
	size := int(binary.BigEndian.Uint32(data))
	if size < kafkaLeast {
		return MatchNone
	}
	whole := len(data) >= kafkaHead+size
	var q kafkaRequest
	if !q.read(data[kafkaHead:min(len(data), kafkaHead+size)], size, nil) || q.unread {
		return detectKafkaVersions(data[kafkaHead:], size)
	}
	const usual = 1 << 10
	switch {
	case len(q.client) > kafkaName:
		return MatchNone
	case len(q.client) == 0 && !whole: // not there yet, or none
		if size > usual {
			return MatchNone
		}
		return MatchMore
	case q.api.flags&kafkaSends != 0 && q.said.named == 0 && !q.short:
		return MatchNone
	}
	return MatchRequest
}

// detectKafkaVersions knows an answer to ApiVersions by the kinds at its beginning.
func detectKafkaVersions(frame []byte, size int) Match {
	for _, flexible := range [...]bool{true, false} {
		r := kafkaReader{data: frame, size: size, flexible: flexible}
		r.int32()
		failed, count := r.int16(), r.count()
		match := MatchResponse
		for key := range int16(4) {
			found, from, to := r.int16(), r.int16(), r.int16()
			r.tags()
			if r.ok() && (found != key || from < 0 || from > to || int(to) >= len(kafkaVersions)) {
				match = MatchNone
			}
		}
		switch {
		case failed != 0, count < 8, count > 1<<10, match == MatchNone, r.bad:
		case r.short:
			return MatchMore
		default:
			return MatchResponse
		}
	}
	return MatchNone
}

// mayBeKafka tells by the first bytes of what may be a request.
func mayBeKafka(data []byte) Match {
	if len(data) >= 6 && (data[4] != 0 || int(data[5]) >= len(kafkaAPIs)) {
		return MatchNone
	}
	if len(data) >= 8 && (data[6] != 0 || int16(data[7]) > kafkaAPIs[data[5]].latest) {
		return MatchNone
	}
	return MatchMore
}

// resumeKafka takes what may begin a frame by its length. Whether it is a request, or an answer to one that was seen, the
// dialogue tells.
func resumeKafka(data []byte, missing int) Match {
	if len(data) < kafkaHead {
		if missing > 0 || len(data) > 0 && data[0] != 0 {
			return MatchNone
		}
		return MatchMore
	}
	if size := binary.BigEndian.Uint32(data); size < 4 || size > kafkaLongest {
		return MatchNone
	}
	return MatchEither
}
