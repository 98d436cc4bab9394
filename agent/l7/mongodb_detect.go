package l7

import "bytes"

// detectMongo knows messages whose sections begin with a document's first element, and queries of long ago for a command.
func detectMongo(data []byte) Match {
	if len(data) >= 3 && data[0] >= 0x14 && data[0] <= 0x17 && data[1] == 3 && data[2] <= 4 {
		return MatchNone // a record of TLS, that looks like a length
	}
	if len(data) < mongoHead {
		if len(data) >= 4 && (data[3] != 0 || int(data[0])|int(data[1])<<8|int(data[2])<<16 < mongoHead+4) {
			return MatchNone
		}
		return MatchMore
	}
	if !mayBeMongo(data) || data[3] != 0 { // no connection begins with 16 MiB
		return MatchNone
	}
	if len(data) < mongoHead+4 {
		return MatchMore
	}
	f, ok := readMongoFrame(data)
	if !ok {
		return MatchNone
	}
	switch f.operation {
	case mongoMessage:
		if len(f.body) < 1+4+1+2 {
			return more(len(f.body) == 0 || f.body[0] <= 1)
		}
		if f.to != 0 {
			return matchMongoDocument(f.body, MatchResponse)
		}
		return matchMongoDocument(f.body, MatchRequest)
	case mongoQuery:
		name, rest, ok := bytes.Cut(f.body, []byte{0})
		if !ok {
			return more(len(f.body) < 120)
		}
		if f.to != 0 || f.flags > 0xff || !bytes.HasSuffix(name, []byte(".$cmd")) {
			return MatchNone
		}
		return more(len(rest) < 8+5).or(MatchRequest)
	case mongoReply:
		switch {
		case f.to == 0, f.flags > 0xf:
			return MatchNone
		case len(f.body) < 16+4+3:
			return MatchMore
		}
		return matchMongoDocument(append([]byte{0}, f.body[16:min(len(f.body), 16+64)]...), MatchResponse)
	}
	return MatchNone
}

// matchMongoDocument tells by a section's beginning: a document whose first element has a name.
func matchMongoDocument(body []byte, is Match) Match {
	if body[0] != 0 {
		return MatchNone
	}
	doc := bson{data: body[1:]}
	switch {
	case !doc.document():
		return MatchNone
	case len(doc.data) == 0:
		return MatchMore
	}
	if bsonSize(doc.data[0], []byte{0, 0, 0, 0, 0, 0, 0, 0}) < 0 {
		return MatchNone
	}
	name, _, ok := bytes.Cut(doc.data[1:], []byte{0})
	if !ok {
		return more((len(name) == 0 || name[0] == '$' || isCommandName(name)) && doc.cut)
	}
	if !isCommandName(bytes.TrimPrefix(name, []byte("$"))) {
		return MatchNone
	}
	return is
}

// mayBeMongo tells by a whole header.
func mayBeMongo(data []byte) bool {
	var whole [mongoHead + 4]byte
	copy(whole[:], data[:mongoHead])
	_, ok := readMongoFrame(whole[:mongoHead])
	return ok
}

// resumeMongo takes any message.
func resumeMongo(data []byte, missing int) Match {
	if len(data) < mongoHead {
		if missing > 0 {
			return MatchNone
		}
		return detectMongo(data)
	}
	f, ok := readMongoFrame(data)
	switch {
	case !ok:
		return MatchNone
	case f.to != 0:
		return MatchResponse
	}
	return MatchRequest
}
