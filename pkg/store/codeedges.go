package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// Calls that only code saw have no addresses, so the roll-up does not know their two ends. The
// map takes those from the newest spans: SERVER under CLIENT by the parent's id, and, of calls
// that nobody answered for, the peer that the caller names.

// maxMapSpans bounds the spans of each kind that are read for it.
const maxMapSpans = 100_000

// codeEdge are calls as code tells them; the end without a service is peer.
type codeEdge struct {
	client, server party
	peer           string // a name: of a host, a database, a topic
	topic          bool   // it is a topic
	toPeer         bool   // else from it: a topic is consumed
	row            requestRow
}

const (
	// slotOf is Slot as an expression.
	slotOf = "sumMap(map(toUInt16(floor(16 * log2(toFloat64(duration) + 1))), toUInt64(1)))"
	// peerOf is whom a span of code names: the topic of messages, else the host, else what is known
	// of what it is.
	peerOf = "multiIf(kind IN (4, 5) AND request_resource != '', request_resource, domain != '', toString(domain), attributes['service.peer.name'] != '', attributes['service.peer.name']," +
		" attributes['peer.service'] != '', attributes['peer.service'], attributes['gen_ai.provider.name'] != '', attributes['gen_ai.provider.name']," +
		" attributes['gen_ai.system'] != '', attributes['gen_ai.system'], attributes['db.system.name'] != '' OR attributes['db.system'] != '', toString(protocol)," +
		" attributes['rpc.service'])"
	codeColumns = "trace_id, span_id, parent_span_id, kind, service, entity, protocol, status, duration, request_resource, domain, attributes"
)

// newestOf are the newest spans of code of some kinds.
func newestOf(columns, kinds, bounds string) string {
	return fmt.Sprintf("(SELECT %s FROM spans WHERE %s AND source = 1 AND kind IN (%s) ORDER BY bucket DESC LIMIT %d)", columns, bounds, kinds, maxMapSpans)
}

// codeEdgesSQL are both kinds of edges in one statement.
func codeEdgesSQL(from, to int64) (string, params) {
	c := newConditions()
	c.during(from, to, slice{})
	bounds := c.all()
	sums := ", count() AS n, sum(duration) AS time, " + slotOf + " AS h"
	called := "SELECT toString(p.service) AS client_, p.entity AS client_entity_, toString(s.service) AS server_, s.entity AS server_entity_, '' AS peer_, toUInt8(0) AS kind_," +
		" toString(s.protocol) AS protocol_, s.status AS status_" + strings.ReplaceAll(sums, "duration", "s.duration") +
		" FROM " + newestOf(codeColumns, "2", bounds) + " AS s INNER JOIN " + newestOf("trace_id, span_id, service, entity", "3, 4", bounds) +
		" AS p ON s.trace_id = p.trace_id AND s.parent_span_id = p.span_id GROUP BY client_, client_entity_, server_, server_entity_, protocol_, status_"
	peers := "SELECT toString(service) AS client_, entity AS client_entity_, '' AS server_, toUInt64(0) AS server_entity_, " + peerOf + " AS peer_, kind AS kind_," +
		" toString(protocol) AS protocol_, status AS status_" + sums + " FROM " + newestOf(codeColumns, "3, 4, 5", bounds) +
		" WHERE peer_ != '' AND (kind != 3 OR (trace_id, span_id) NOT IN " + newestOf("trace_id, parent_span_id", "2", bounds) + ")" +
		" GROUP BY client_, client_entity_, peer_, kind_, protocol_, status_"
	return "SELECT * EXCEPT h, mapKeys(h) AS slots, mapValues(h) AS counts FROM (" + called + " UNION ALL " + peers + ") LIMIT " + c.bind(fmt.Sprint(maxRequestRows), "UInt64"), c.params
}

// codeEdges reads them.
func (s *Store) codeEdges(ctx context.Context, from, to int64) (all []codeEdge, err error) {
	sql, p := codeEdgesSQL(from, to)
	rows, err := s.query(ctx, sql, p, newestFirst)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e codeEdge
		var kind uint8
		r := &e.row
		if err := rows.Scan(&e.client.service, &e.client.entity, &e.server.service, &e.server.entity, &e.peer, &kind, &r.protocol, (*uint8)(&r.status), &r.count, &r.duration, &r.slots, &r.counts); err != nil {
			return nil, err
		}
		e.topic = kind >= uint8(span.KindProducer)
		if e.toPeer = true; span.Kind(kind) == span.KindConsumer {
			e.toPeer, e.server, e.client = false, e.client, party{}
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	c := newConditions()
	c.during(from, to, slice{})
	c.add("source = 1 AND kind IN (2, 3, 4, 5)")
	return all, s.newestOnly(ctx, "connections that only code tells of", c, maxMapSpans)
}

// addCode adds the edges that the roll-up does not have. Where the map is filtered, one of the
// ends must be of what is asked for.
func (m *mapped) addCode(all []codeEdge, entities map[uint64]span.Entity, filtered bool) {
	known, nodes := map[[2]string]bool{}, map[string]bool{}
	for k := range m.edges {
		known[k] = true
	}
	for id := range m.nodes {
		nodes[id] = true
	}
	for i := range all {
		e := &all[i]
		ends := map[string]*MapNode{}
		client, server := mapNode(ends, e.client, entities, false), mapNode(ends, e.server, entities, false)
		if e.peer != "" {
			peer := &MapNode{ID: PeerID + e.peer, Name: e.peer, Type: "external"}
			if e.topic {
				peer.Type = Topic
			}
			if e.toPeer {
				server = peer
			} else {
				client = peer
			}
		}
		if client == nil || server == nil || client.ID == server.ID {
			continue
		}
		key := [2]string{client.ID, server.ID}
		if e.peer != "" && m.seen[[2]string{client.ID, e.row.protocol}] {
			continue // an agent saw who that is
		}
		if known[key] || filtered && !nodes[client.ID] && !nodes[server.ID] {
			continue
		}
		for _, n := range []**MapNode{&client, &server} {
			if old := m.nodes[(*n).ID]; old != nil {
				*n = old
			} else {
				m.nodes[(*n).ID] = *n
			}
		}
		if !nodes[server.ID] { // the roll-up counted the others
			server.Served.add(&e.row)
			addText(&server.Protocols, e.row.protocol)
		}
		client.Sent.add(&e.row)
		if m.edges[key] == nil {
			m.edges[key] = &MapEdge{Client: client.ID, Server: server.ID}
		}
		m.edges[key].add(&e.row)
		addText(&m.edges[key].Protocols, e.row.protocol)
	}
}
