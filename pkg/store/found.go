package store

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/throughline-io/throughline/pkg/span"
)

// foundColumns are the columns of a foundRow.
const foundColumns = "id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node," +
	" entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port"

// foundRow is a row of a search as clickhouse-go scans it.
type foundRow struct {
	ID              uint64    `ch:"id"`
	Group           uint64    `ch:"grp"`
	Bucket          time.Time `ch:"bucket"`
	TraceID         string    `ch:"trace_id"`
	SpanID          string    `ch:"span_id"`
	Source          uint8     `ch:"source"`
	Point           uint8     `ch:"point"`
	Kind            uint8     `ch:"kind"`
	Start           int64     `ch:"start"`
	Duration        uint64    `ch:"duration"`
	Service         string    `ch:"service"`
	Protocol        string    `ch:"protocol"`
	Type            string    `ch:"type"`
	Endpoint        string    `ch:"endpoint"`
	RequestResource string    `ch:"request_resource"`
	Status          uint8     `ch:"status"`
	Code            int32     `ch:"code"`
	StatusMessage   string    `ch:"status_message"`
	Node            string    `ch:"node"`
	Entity          uint64    `ch:"entity"`
	ClientEntity    uint64    `ch:"client_entity"`
	ServerEntity    uint64    `ch:"server_entity"`
	ClientIP        net.IP    `ch:"client_ip"`
	ClientPort      uint16    `ch:"client_port"`
	ServerIP        net.IP    `ch:"server_ip"`
	ServerPort      uint16    `ch:"server_port"`
}

func (f *foundRow) row() SearchRow {
	r := SearchRow{
		ID: f.ID, Source: span.Source(f.Source), Point: span.Point(f.Point), Kind: span.Kind(f.Kind), Start: f.Start, Duration: f.Duration,
		Service: f.Service, Protocol: f.Protocol, Resource: f.RequestResource, Status: span.Status(f.Status), Code: f.Code, Message: f.StatusMessage, Node: f.Node,
		Entity: f.Entity, ClientEntity: f.ClientEntity, ServerEntity: f.ServerEntity,
		group: span.GroupID(f.Group), bucket: uint32(f.Bucket.Unix()),
		clientAddr: addrPort(f.ClientIP, f.ClientPort), serverAddr: addrPort(f.ServerIP, f.ServerPort),
	}
	copy(r.TraceID[:], f.TraceID)
	copy(r.SpanID[:], f.SpanID)
	r.Request = (&span.Span{Protocol: f.Protocol, Type: f.Type, Endpoint: f.Endpoint, Resource: f.RequestResource}).Request()
	return r
}

// found runs a statement that reads spans.
func (s *Store) found(ctx context.Context, sql string, p, settings params) ([]SearchRow, error) {
	rows, err := s.query(ctx, sql, p, settings)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []SearchRow
	for rows.Next() {
		var f foundRow
		if err := rows.ScanStruct(&f); err != nil {
			return nil, err
		}
		found = append(found, f.row())
	}
	return found, rows.Err()
}

func addrPort(ip net.IP, port uint16) netip.AddrPort {
	var b [16]byte
	copy(b[:], ip.To16())
	return span.AddrPort(b, port)
}
