package l7

import (
	"bytes"
	"encoding/binary"
)

// postgresVerbs are words that PostgreSQL's statements begin with, beside sqlVerbs.
var postgresVerbs = append([]string{
	"COPY", "FETCH", "DECLARE", "CLOSE", "MOVE", "LISTEN", "NOTIFY", "UNLISTEN", "VACUUM", "DISCARD", "RESET", "END", "ABORT", "COMMENT",
	"REINDEX", "CLUSTER", "REFRESH", "MERGE", "REASSIGN", "IMPORT", "SECURITY", "CHECKPOINT", "START_REPLICATION", "IDENTIFY_SYSTEM",
}, sqlVerbs[:]...)

// detectPostgres knows what a connection begins with, statements, and what has a form that nothing else has.
func detectPostgres(data []byte) Match {
	if len(data) == 0 {
		return MatchMore
	}
	if data[0] == 0 {
		return detectStartup(data)
	}
	switch data[0] {
	case 'Q', 'P', 'B', 'E', 'R', 'Z', '1', '2', 'T', 'N':
	default:
		return MatchNone
	}
	if len(data) > 1 && data[1] != 0 { // none is longer than 16 MiB
		return MatchNone
	}
	if len(data) < postgresHeader {
		return MatchMore
	}
	m, state := readPostgres(data, 0, fromFrontend|fromBackend)
	if state != Head {
		return MatchNone
	}
	content, whole := m.content(data), m.whole(data)
	switch m.kind {
	case 'Q':
		return matchStatement(content, whole)
	case 'P':
		name, rest, ok := cutString(content)
		switch {
		case !isName(name):
			return MatchNone
		case !ok && !whole:
			return MatchMore
		}
		return matchStatement(rest, whole)
	case 'B':
		return matchBind(content, whole)
	case 'E':
		return matchExecuteOrError(data, content, whole)
	case 'N':
		return matchNotice(content, whole)
	case 'R':
		return matchAuthentication(content, m.length)
	case 'Z':
		if whole && isTransactionState(content[0]) {
			return MatchResponse
		}
		return more(!whole)
	case 'T':
		return matchRowDescription(content, whole)
	}
	return MatchResponse // ParseComplete, BindComplete
}

func more(more bool) Match {
	if more {
		return MatchMore
	}
	return MatchNone
}

// detectStartup knows the messages that a connection begins with.
func detectStartup(data []byte) Match {
	forms := [...][postgresFirst]byte{
		{3: 8, 4: 4, 5: 0xd2, 6: 0x16, 7: 0x2f}, {3: 8, 4: 4, 5: 0xd2, 6: 0x16, 7: 0x30}, {4: 4, 5: 0xd2, 6: 0x16, 7: 0x2e}, {5: 3}, {5: 3, 7: 2},
	}
	for i, form := range forms {
		seen := min(len(data), postgresFirst)
		fits := true
		for at := range seen {
			fits = fits && (data[at] == form[at] || (at == 2 || at == 3) && i >= 2)
		}
		switch {
		case !fits:
		case seen < postgresFirst:
			return MatchMore
		default:
			code, n := startupKind(data)
			switch {
			case code == 0:
			case code>>16 != postgresVersion3 && n >= len(data): // they are alone
				return MatchRequest
			case code>>16 != postgresVersion3:
			case len(data) == postgresFirst:
				return MatchMore
			case data[postgresFirst]|0x20 >= 'a' && data[postgresFirst]|0x20 <= 'z':
				return MatchRequest
			}
		}
	}
	return MatchNone
}

// isName reports whether bytes may be a name that somebody thought of.
func isName(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return len(text) < postgresName
}

// matchStatement tells whether content is a statement and a zero.
func matchStatement(content []byte, whole bool) Match {
	text, _, ended := cutString(content)
	if whole && !ended {
		return MatchNone
	}
	return matchVerb(bytes.TrimLeft(text, " \t\r\n"), postgresVerbs, whole || ended)
}

// matchBind knows a Bind by its form: names, formats, values, formats of results, and nothing else.
func matchBind(content []byte, whole bool) Match {
	portal, rest, ok := cutString(content)
	name, rest, ok2 := cutString(rest)
	if !isName(portal) || ok && !isName(name) {
		return MatchNone
	}
	if !ok || !ok2 {
		return more(!whole)
	}
	formats := func() bool {
		if len(rest) < 2 {
			return false
		}
		n := int(binary.BigEndian.Uint16(rest))
		if rest = rest[2:]; len(rest) < 2*n {
			return false
		}
		for i := range n {
			if rest[2*i] != 0 || rest[2*i+1] > 1 {
				return false
			}
		}
		rest = rest[2*n:]
		return true
	}
	if !whole {
		return MatchMore
	}
	if !formats() || len(rest) < 2 {
		return MatchNone
	}
	n := int(binary.BigEndian.Uint16(rest))
	rest = rest[2:]
	for range n {
		if len(rest) < 4 {
			return MatchNone
		}
		size := int32(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if size < -1 || int(size) > len(rest) {
			return MatchNone
		}
		rest = rest[max(0, int(size)):]
	}
	if !formats() || len(rest) > 0 {
		return MatchNone
	}
	return MatchRequest
}

// matchExecuteOrError tells a client's Execute, behind which Sync or Flush stands, from a server's error.
func matchExecuteOrError(data, content []byte, whole bool) Match {
	if m := matchNotice(content, whole); m != MatchNone || !whole {
		return m
	}
	portal, rest, ok := cutString(content)
	if !ok || !isName(portal) || len(rest) != 4 {
		return MatchNone
	}
	behind := data[postgresHeader+len(content):]
	for i, c := range behind[:min(len(behind), postgresHeader)] {
		if i == 0 && c != 'S' && c != 'H' || i > 0 && c != [...]byte{0, 0, 0, 0, 4}[i] {
			return MatchNone
		}
	}
	if len(behind) < postgresHeader {
		return MatchMore
	}
	return MatchRequest
}

// matchNotice knows an ErrorResponse or NoticeResponse: its severity comes first, and once more in English.
func matchNotice(content []byte, whole bool) Match {
	if len(content) == 0 || content[0] != 'S' {
		return more(len(content) == 0)
	}
	severity, rest, ok := cutString(content[1:])
	switch {
	case !isName(severity) || len(severity) > 40:
		return MatchNone
	case !ok || len(rest) == 0:
		return more(!whole)
	case rest[0] == 'V' || rest[0] == 'C':
		return MatchResponse
	}
	return MatchNone
}

// matchAuthentication knows what a server answers to a login.
func matchAuthentication(content []byte, length int) Match {
	for i, c := range content[:min(len(content), 4)] {
		if i < 3 && c != 0 || i == 3 && c > 12 {
			return MatchNone
		}
	}
	switch {
	case len(content) < 4:
		return MatchMore
	case content[3] < 4 || content[3] == 7:
		return matchIf(length == 4)
	case content[3] == 5:
		return matchIf(length == 8)
	case content[3] >= 10:
		return matchIf(length > 8)
	}
	return MatchNone
}

func matchIf(is bool) Match {
	if is {
		return MatchResponse
	}
	return MatchNone
}

// matchRowDescription knows a result's columns by the first one.
func matchRowDescription(content []byte, whole bool) Match {
	const field = 4 + 2 + 4 + 2 + 4 + 2
	if len(content) < 2 {
		return more(!whole)
	}
	columns := int(binary.BigEndian.Uint16(content))
	name, rest, ok := cutString(content[2:])
	switch {
	case columns == 0 || columns > 1664 || !isName(name):
		return MatchNone
	case !ok || len(rest) < field:
		return more(!whole)
	}
	return matchIf(rest[field-2] == 0 && rest[field-1] <= 1)
}

// resumePostgres takes any messages that follow one another from a segment's beginning and of which one is of one side
// alone.
func resumePostgres(data []byte, missing int) Match {
	if m := detectPostgres(data); m != MatchNone {
		return m
	}
	for at := data; len(at) > 0; {
		m, state := readPostgres(at, 1, fromFrontend|fromBackend)
		if state != Head {
			return MatchNone
		}
		side := postgresKinds[m.kind].side
		switch {
		case (m.kind == 'S' || m.kind == 'H') && m.length == 0, side == fromFrontend:
			return MatchRequest
		case side == fromBackend:
			return MatchResponse
		case m.size() >= uint64(len(at)+missing):
			return MatchNone
		}
		at = at[min(m.size(), uint64(len(at))):]
	}
	return MatchNone
}
