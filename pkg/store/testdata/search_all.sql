-- {p0} = "20"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans ORDER BY bucket DESC, start DESC LIMIT {p0:UInt64}
