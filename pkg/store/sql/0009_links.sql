-- Links between spans, by the trace that is linked to: who links to a trace cannot be found
-- in the spans themselves, which lie by their own trace. Few spans have links. They never join
-- traces: a trace is read without them.
CREATE TABLE IF NOT EXISTS {{.Table "links"}}
(
    linked_trace FixedString(16),
    linked_span FixedString(8),
    bucket DateTime('UTC') COMMENT 'start of the span that links, to the minute' CODEC(Delta, ZSTD(1)),
    id UInt64 COMMENT 'of the span that links, as the columns below' CODEC(ZSTD(1)),
    trace_id FixedString(16),
    span_id FixedString(8),
    kind UInt8,
    service LowCardinality(String),
    endpoint LowCardinality(String),
    status UInt8,
    start Int64 CODEC(Delta, ZSTD(1)),
    duration UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = {{.Engine "ReplacingMergeTree"}}
PARTITION BY toMonday(bucket)
ORDER BY (linked_trace, bucket, id, linked_span)
SETTINGS index_granularity = 256, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1;
{{.Distributed "links" "cityHash64(linked_trace)"}}
CREATE MATERIALIZED VIEW IF NOT EXISTS {{.Table "links_of_spans"}} TO {{.Local "links"}} AS
SELECT toFixedString(unhex(JSONExtractString(link, 'trace_id')), 16) AS linked_trace, toFixedString(unhex(JSONExtractString(link, 'span_id')), 8) AS linked_span,
    bucket, id, trace_id, span_id, kind, service, endpoint, status, start, duration
FROM
(
    SELECT bucket, id, trace_id, span_id, kind, service, endpoint, status, start, duration, arrayJoin(JSONExtractArrayRaw(spans.links)) AS link
    FROM {{.Local "spans"}} AS spans
    WHERE spans.links != ''
)
WHERE match(JSONExtractString(link, 'trace_id'), '^[0-9a-f]{32}$') AND match(JSONExtractString(link, 'span_id'), '^[0-9a-f]{16}$');
