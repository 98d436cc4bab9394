package l7

import (
	"encoding/binary"

	"github.com/throughline-io/throughline/pkg/span"
)

// What stands where a connection's first message has the protocol's version.
const (
	postgresVersion3 = 3 // the upper half: 3.0, and 3.2 since PostgreSQL 18
	postgresCancel   = 1234<<16 | 5678
	postgresTLS      = 1234<<16 | 5679
	postgresGSSAPI   = 1234<<16 | 5680

	postgresFirst      = 8     // bytes of length and version
	postgresMaxStartup = 10000 // the server's own limit
)

// startupKind is what a connection's first message says that it is, and its length; 0: it is none.
func startupKind(data []byte) (code uint32, length int) {
	length, code = int(binary.BigEndian.Uint32(data)), binary.BigEndian.Uint32(data[4:])
	switch {
	case code == postgresTLS && length == postgresFirst, code == postgresGSSAPI && length == postgresFirst,
		code == postgresCancel && length >= 16 && length <= 12+256,
		code>>16 == postgresVersion3 && code&0xffff < 16 && length > postgresFirst && length <= postgresMaxStartup:
		return code, length
	}
	return 0, 0
}

// startup reads what a connection begins with.
func (d *postgresDialogue) startup(data []byte, missing int, x Exchanges) Step {
	if len(data) < postgresFirst {
		if missing > 0 {
			return Step{State: Bad}
		}
		return Step{State: More}
	}
	code, n := startupKind(data)
	if code == 0 {
		return Step{State: Bad}
	}
	if len(data) < min(n, postgresText) && missing == 0 {
		return Step{State: More}
	}
	d.negotiating = code == postgresTLS || code == postgresGSSAPI
	d.request.begun, d.request.left, d.request.last = true, uint64(n), true
	if code == postgresCancel {
		f := x.Begun()
		f.Protocol, f.Type, f.Endpoint = PostgreSQL.Name, "CancelRequest", "CancelRequest"
		return Step{State: Head, Role: OneWay}
	}
	if !d.negotiating {
		d.login(data[postgresFirst:min(len(data), n)])
	}
	return Step{State: Head, Role: Aside}
}

// login notes the database that a client logs in to: without a name it has the user's.
func (d *postgresDialogue) login(pairs []byte) {
	d.statements, d.portals, d.database, d.fewRows = statements[string]{}, statements[string]{}, nil, [fewRows][]span.Attribute{}
	var user, database []byte
	for {
		name, rest, ok := cutString(pairs)
		value, rest, whole := cutString(rest)
		if !ok || !whole || len(name) == 0 {
			break
		}
		switch string(name) {
		case "user":
			user = value
		case "database":
			database = value
		}
		pairs = rest
	}
	if len(database) == 0 {
		database = user
	}
	if len(database) > 0 {
		d.database = []span.Attribute{{Key: "db.namespace", Value: string(database), Type: span.AttributeString}}
	}
}
