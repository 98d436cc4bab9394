-- {limit} = "10"
-- {places} = "[(1800000000,1),(1800000060,2)]"
SELECT id, trace_id, span_id, parent_span_id, start, duration, request_resource, client_ip, client_port, request_seq, response_seq, client_entity, attributes, events, texts, details, origin, asked FROM spans PREWHERE (bucket, grp) IN {places:Array(Tuple(DateTime('UTC'), UInt64))} LIMIT {limit:UInt64}
