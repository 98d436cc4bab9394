-- {limit} = "201"
-- {trace} = "0123456789abcdef"
SELECT linked_span, id, trace_id, span_id, kind, toString(service) AS service, toString(endpoint) AS endpoint, status, start, duration FROM links WHERE linked_trace = {trace:FixedString(16)} AND trace_id != linked_trace ORDER BY start, id LIMIT 1 BY id, linked_span LIMIT {limit:UInt64}
