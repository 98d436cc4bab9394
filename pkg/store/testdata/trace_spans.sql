-- {limit} = "10"
-- {places} = "[(1800000000,1),(1800000060,2)]"
SELECT id, source, point, kind, trace_id, span_id, parent_span_id, start, duration, node, service, protocol, type, domain, request_resource, endpoint, status, code, status_message, client_ip, server_ip, client_port, server_port, request_seq, response_seq, interface, comm, entity, client_entity, server_entity, otel_resource, scope_name, scope_version, attributes, events, texts, details FROM spans PREWHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}
