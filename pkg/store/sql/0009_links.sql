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
