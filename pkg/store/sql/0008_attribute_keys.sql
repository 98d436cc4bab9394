-- Which keys attributes have, and where: on spans, on resources, on events. One row for each
-- key and place that occurred, so that a search looks where a key can be, and lists of keys
-- are whole.
CREATE TABLE IF NOT EXISTS {{.Table "attribute_keys"}}
(
    key String,
    place UInt8 COMMENT '1 span, 2 resource, 3 event',
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = {{.Engine "ReplacingMergeTree" "seen"}}
ORDER BY (key, place)
SETTINGS index_granularity = 1024;
{{.Distributed "attribute_keys" "cityHash64(key)"}}
