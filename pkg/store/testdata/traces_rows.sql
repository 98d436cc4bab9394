-- {limit} = "20001"
-- {places} = "[(1800000000,1)]"
SELECT id, grp, bucket, trace_id, span_id, source, point, kind, start, duration, service, protocol, type, endpoint, request_resource, status, code, status_message, node, entity, client_entity, server_entity, client_ip, client_port, server_ip, server_port, parent_span_id, request_seq, response_seq, CAST(ifNull(0, 0), 'UInt8') AS matched FROM spans PREWHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}
