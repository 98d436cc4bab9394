-- {p0} = "1800000000"
-- {p1} = "1800000060"
-- {p2} = "20"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bucket <= {p1:DateTime('UTC')} ORDER BY start DESC LIMIT {p2:UInt64}
