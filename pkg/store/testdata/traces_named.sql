-- {ids} = "[1]"
-- {places} = "[(1800000000,1)]"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port FROM spans WHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} AND id IN {ids:Array(UInt64)}
