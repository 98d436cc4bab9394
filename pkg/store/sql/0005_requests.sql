-- What was asked of whom, per minute: counts and durations, for metrics, the service map,
-- the usual duration of a hop, and the values of variables. The server adds the rows of every
-- insert.
--
-- The hour comes first in the order, then what a look-up of "usual" names. Durations are a
-- histogram of 16 buckets for each power of two: bucket = floor(16 * log2(duration + 1)).
-- A block that is inserted again with the same token is not counted again; the window is
-- here and not on spans, whose rows replace themselves.
CREATE TABLE IF NOT EXISTS {{.Table "requests_minute"}}
(
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    point UInt8,
    request LowCardinality(String) COMMENT 'route or name; the literals of a statement are *',
    service LowCardinality(String) COMMENT 'of who saw it',
    status UInt8,
    source UInt8,
    kind UInt8,
    protocol LowCardinality(String),
    node LowCardinality(String),
    entity UInt64,
    client_entity UInt64,
    server_entity UInt64,
    count SimpleAggregateFunction(sum, UInt64),
    duration SimpleAggregateFunction(sum, UInt64) COMMENT 'ns, of all together',
    histogram SimpleAggregateFunction(sumMap, Map(UInt16, UInt64))
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
PARTITION BY toMonday(minute)
ORDER BY (toStartOfHour(minute), point, request, service, status, minute, source, kind, protocol, node, entity, client_entity, server_entity)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;
{{.Distributed "requests_minute" "cityHash64(request)"}}
