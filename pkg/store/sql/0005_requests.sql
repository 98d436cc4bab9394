-- What was asked of whom, per minute: counts and durations, for metrics, the service map,
-- the usual duration of a hop, and the values of variables. A view adds the rows of every
-- block of spans that is inserted.
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
-- Two steps, so that maps are made of few rows.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{.Table "requests_of_spans"}} TO {{.Local "requests_minute"}} AS
SELECT minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity,
    sum(spans_in) AS count, sum(time_in) AS duration, CAST((groupArray(slot), groupArray(spans_in)), 'Map(UInt16, UInt64)') AS histogram
FROM
(
    SELECT bucket AS minute, point, {{.RequestName}} AS request, service, status, source, kind, protocol, node, entity, client_entity, server_entity,
        toUInt16(floor(16 * log2(toFloat64(spans.duration) + 1))) AS slot, count() AS spans_in, sum(spans.duration) AS time_in
    FROM {{.Local "spans"}} AS spans
    GROUP BY minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity, slot
)
GROUP BY minute, point, request, service, status, source, kind, protocol, node, entity, client_entity, server_entity;
