-- {p0} = "1800000000"
-- {p1} = "1800000000000000000"
-- {p2} = "1800000060"
-- {p3} = "1800000060000000000"
-- {p4} = "20"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND bucket <= {p2:DateTime('UTC')} AND start <= {p3:Int64} AND (source = 1 AND parent_span_id = unhex('0000000000000000') OR source = 2 AND trace_id = unhex('00000000000000000000000000000000') AND (point = 8 OR passage = 0)) ORDER BY bucket DESC, start DESC LIMIT {p4:UInt64}
