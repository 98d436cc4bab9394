-- {p0} = "20"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans WHERE (source = 1 AND kind IN (2, 5) OR source = 2 AND point = 8) ORDER BY bucket DESC, start DESC LIMIT {p0:UInt64}
