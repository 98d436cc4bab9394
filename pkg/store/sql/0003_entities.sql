-- Who the ends of a span are: one row for each distinct entity, by the hash of its values.
CREATE TABLE IF NOT EXISTS {{.Table "entities"}}
(
    id UInt64,
    type LowCardinality(String),
    service LowCardinality(String),
    pod String,
    workload LowCardinality(String),
    workload_kind LowCardinality(String),
    namespace LowCardinality(String),
    node LowCardinality(String),
    cluster LowCardinality(String),
    process String,
    ip String,
    labels Map(LowCardinality(String), String),
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = {{.Engine "ReplacingMergeTree" "seen"}}
ORDER BY id
SETTINGS index_granularity = 1024;
{{.Distributed "entities" "id"}}
-- Attribute sets of OTLP ResourceSpans: one row for each distinct set.
CREATE TABLE IF NOT EXISTS {{.Table "otel_resources"}}
(
    id UInt64,
    attributes Map(LowCardinality(String), String),
    attribute_types String,
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = {{.Engine "ReplacingMergeTree" "seen"}}
ORDER BY id
SETTINGS index_granularity = 1024;
{{.Distributed "otel_resources" "id"}}
