package store

import (
	"context"
	"strings"

	"github.com/throughline-io/throughline/pkg/span"
)

// foundRows decodes blocks of table spans into the rows of a search.
type foundRows struct {
	results []resultColumn

	id, group, duration, entity, clientEntity, serverEntity numbers[uint64]
	bucket                                                  seconds
	traceID                                                 numbers[span.TraceID]
	spanID                                                  numbers[span.SpanID]
	source                                                  numbers[span.Source]
	point                                                   numbers[span.Point]
	kind                                                    numbers[span.Kind]
	status                                                  numbers[span.Status]
	start                                                   numbers[int64]
	code                                                    numbers[int32]
	clientIP, serverIP                                      numbers[[16]byte]
	clientPort, serverPort                                  numbers[uint16]
	service, protocol, typ, endpoint, node                  words
	resource, message                                       texts
}

func newFoundRows() *foundRows {
	r := new(foundRows)
	r.results = []resultColumn{
		{"id", &r.id}, {"grp", &r.group}, {"bucket", &r.bucket}, {"trace_id", &r.traceID}, {"span_id", &r.spanID}, {"source", &r.source}, {"point", &r.point}, {"kind", &r.kind},
		{"start", &r.start}, {"duration", &r.duration}, {"service", &r.service}, {"protocol", &r.protocol}, {"type", &r.typ}, {"endpoint", &r.endpoint},
		{"request_resource", &r.resource}, {"status", &r.status}, {"code", &r.code}, {"status_message", &r.message}, {"node", &r.node},
		{"entity", &r.entity}, {"client_entity", &r.clientEntity}, {"server_entity", &r.serverEntity},
		{"client_ip", &r.clientIP}, {"client_port", &r.clientPort}, {"server_ip", &r.serverIP}, {"server_port", &r.serverPort},
	}
	return r
}

// foundColumns are the columns of foundRows as a SELECT list.
var foundColumns = selectList(newFoundRows().results)

// selectList names columns.
func selectList(columns []resultColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// row is a row of the block decoded last.
func (r *foundRows) row(i int) SearchRow {
	row := SearchRow{
		ID: r.id.at(i), TraceID: r.traceID.at(i), SpanID: r.spanID.at(i), Source: r.source.at(i), Point: r.point.at(i), Kind: r.kind.at(i),
		Start: r.start.at(i), Duration: r.duration.at(i), Service: r.service.at(i), Protocol: r.protocol.at(i), Resource: r.resource.at(i),
		Status: r.status.at(i), Code: r.code.at(i), Message: r.message.at(i), Node: r.node.at(i),
		Entity: r.entity.at(i), ClientEntity: r.clientEntity.at(i), ServerEntity: r.serverEntity.at(i),
		group: span.GroupID(r.group.at(i)), bucket: r.bucket.at(i),
		clientAddr: span.AddrPort(r.clientIP.at(i), r.clientPort.at(i)), serverAddr: span.AddrPort(r.serverIP.at(i), r.serverPort.at(i)),
	}
	row.Endpoint = r.endpoint.at(i)
	row.Request = (&span.Span{Protocol: row.Protocol, Type: r.typ.at(i), Endpoint: row.Endpoint, Resource: row.Resource}).Request()
	return row
}

// found runs a statement that reads spans.
func (s *Store) found(ctx context.Context, sql string, p, settings params) ([]SearchRow, error) {
	var found []SearchRow
	decoder := newFoundRows()
	err := s.read(ctx, sql, p, settings, decoder.results, func(rows int) error {
		for i := range rows {
			found = append(found, decoder.row(i))
		}
		return nil
	})
	return found, err
}
