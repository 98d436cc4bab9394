package l7

import (
	"bytes"
	"encoding/binary"
)

const (
	postgresHeader = 5

	// postgresName is how much of names is waited for: they have up to 63 bytes.
	postgresName = 160

	// postgresSmall is longer than any message of a fixed form, and than most others.
	postgresSmall = 1 << 16
)

// postgresSide says who sends a message of a kind.
type postgresSide uint8

const (
	fromFrontend postgresSide = 1 << iota
	fromBackend
)

// postgresKinds are the messages' letters: who sends them, and the least and largest content.
var postgresKinds = func() (kinds [256]struct {
	side        postgresSide
	least, most uint32
}) {
	const (
		any = 1 << 30 // the protocol's limit
		all = fromFrontend | fromBackend
	)
	note := func(letters string, side postgresSide, least, most uint32) {
		for _, c := range []byte(letters) {
			kinds[c].side, kinds[c].least, kinds[c].most = side, least, most
		}
	}
	note("Q", fromFrontend, 1, any)
	note("P", fromFrontend, 4, any)
	note("B", fromFrontend, 8, any)
	note("F", fromFrontend, 10, any)
	note("p", fromFrontend, 1, postgresSmall)
	note("f", fromFrontend, 1, postgresSmall)
	note("X", fromFrontend, 0, 0)
	note("d", all, 0, any)
	note("c", all, 0, 0)
	note("H", all, 0, postgresSmall)  // Flush, CopyOutResponse
	note("S", all, 0, postgresSmall)  // Sync, ParameterStatus
	note("C", all, 2, postgresSmall)  // Close, CommandComplete
	note("D", all, 2, any)            // Describe, DataRow
	note("E", all, 5, postgresSmall)  // Execute, ErrorResponse
	note("123nsI", fromBackend, 0, 0) // completions, NoData, PortalSuspended, EmptyQueryResponse
	note("Z", fromBackend, 1, 1)
	note("K", fromBackend, 8, 4+256)
	note("t", fromBackend, 2, 1<<18)
	note("T", fromBackend, 2, 1<<20)
	note("GW", fromBackend, 3, postgresSmall)
	note("V", fromBackend, 4, any)
	note("R", fromBackend, 4, postgresSmall)
	note("N", fromBackend, 1, postgresSmall)
	note("A", fromBackend, 6, postgresSmall)
	note("v", fromBackend, 8, postgresSmall)
	return kinds
}()

// postgresMessage is a message's header.
type postgresMessage struct {
	kind   byte
	length int // of the content
}

// readPostgres reads a header that data begins with. Of no message it answers Bad, of one a Head, and More where
// more bytes have to tell.
func readPostgres(data []byte, missing int, side postgresSide) (m postgresMessage, s State) {
	switch {
	case len(data) == 0 && missing == 0:
		return m, More
	case len(data) == 0:
		return m, Bad
	}
	k := &postgresKinds[data[0]]
	switch {
	case k.side&side == 0:
		return m, Bad
	case len(data) < postgresHeader && missing == 0:
		return m, More
	case len(data) < postgresHeader:
		return m, Bad
	}
	n := binary.BigEndian.Uint32(data[1:])
	if n < 4 || n-4 < k.least || n-4 > k.most {
		return m, Bad
	}
	return postgresMessage{data[0], int(n - 4)}, Head
}

// size is the bytes that the message takes.
func (m postgresMessage) size() uint64 { return uint64(postgresHeader + m.length) }

// content is what was captured of the content.
func (m postgresMessage) content(data []byte) []byte {
	return data[postgresHeader:min(len(data), postgresHeader+m.length)]
}

// whole reports whether nothing of the message is missing.
func (m postgresMessage) whole(data []byte) bool { return uint64(len(data)) >= m.size() }

// want is how many bytes of a client's message say what it is about.
func (m postgresMessage) want() int {
	switch m.kind {
	case 'Q', 'P':
		return postgresHeader + min(m.length, postgresText)
	case 'B', 'D', 'E', 'C':
		return postgresHeader + min(m.length, postgresName)
	}
	return postgresHeader
}

// cutString is the text in front of the next zero, and what follows it; false: there is no zero.
func cutString(data []byte) (text, rest []byte, ok bool) {
	at := bytes.IndexByte(data, 0)
	if at < 0 {
		return data, nil, false
	}
	return data[:at], data[at+1:], true
}
