-- {p0} = "1800000000"
-- {p1} = "1800000000"
-- {p2} = "1800000000000000000"
-- {p3} = "20"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bucket <= {p1:DateTime('UTC')} AND bitOr(start, 0) <= {p2:Int64} ORDER BY bucket DESC, start DESC LIMIT {p3:UInt64}
