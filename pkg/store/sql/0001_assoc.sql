-- Edges between groups of spans: how the spans of a trace are found. Both directions of an
-- edge are rows; kind 0 says that group a has rows in minute bucket. Granules are small and
-- parts compact, because a look-up reads a few keys.
CREATE TABLE IF NOT EXISTS {{.Table "assoc"}}
(
    a UInt64 CODEC(LZ4),
    b UInt64 CODEC(LZ4),
    bucket DateTime('UTC') CODEC(LZ4),
    kind UInt8 CODEC(LZ4)
)
ENGINE = {{.Engine "ReplacingMergeTree"}}
PARTITION BY toMonday(bucket)
ORDER BY (a, bucket, b, kind)
SETTINGS index_granularity = 64, min_bytes_for_wide_part = 100000000000, min_rows_for_wide_part = 100000000000, ttl_only_drop_parts = 1;
{{.Distributed "assoc" "a"}}
