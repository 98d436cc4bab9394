-- When a request was there as a whole, and how often its packets were sent again.
ALTER TABLE {{.Table "spans"}} ADD COLUMN IF NOT EXISTS request_end UInt64 CODEC(T64, ZSTD(1)) AFTER response_start,
    ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow;
{{.AlterDistributed "spans" "ADD COLUMN IF NOT EXISTS request_end UInt64 AFTER response_start, ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow"}}
ALTER TABLE {{.Table "requests_minute"}} ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration;
{{.AlterDistributed "requests_minute" "ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration"}}
ALTER TABLE {{.Table "requests_of_spans"}} MODIFY QUERY
SELECT minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity,
    sum(spans_in) AS count, sum(time_in) AS duration, sum(resent_in) AS retransmissions,
    CAST((groupArray(slot), groupArray(spans_in)), 'Map(UInt16, UInt64)') AS histogram
FROM
(
    SELECT bucket AS minute, point, {{.RequestName}} AS request, service, status, source, kind, protocol, node, entity, client_entity, server_entity,
        toUInt16(floor(16 * log2(toFloat64(spans.duration) + 1))) AS slot, count() AS spans_in, sum(spans.duration) AS time_in,
        sum(toUInt64(spans.retransmissions)) AS resent_in
    FROM {{.Local "spans"}} AS spans
    GROUP BY minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity, slot
)
GROUP BY minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity;
