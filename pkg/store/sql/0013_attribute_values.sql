-- Values to choose from, so that no list of them reads spans: of attributes of spans, and of what
-- spans have besides. Of a key with very many values there are the first, and one row without.
CREATE TABLE IF NOT EXISTS {{.Table "attribute_values"}}
(
    key String,
    place UInt8 COMMENT '0 the span itself, 1 an attribute of it',
    value String,
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = {{.Engine "ReplacingMergeTree" "seen"}}
ORDER BY (key, place, value)
SETTINGS index_granularity = 1024;
{{.Distributed "attribute_values" "cityHash64(key)"}}
