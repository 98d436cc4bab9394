-- Which addresses the agents looked at, and when: hops count as missing only where somebody
-- looked. A row is extended by every report, about once a minute.
CREATE TABLE IF NOT EXISTS {{.Table "watched"}}
(
    address IPv6 COMMENT 'of a pod, or of the node itself',
    source UInt8 COMMENT '2 system calls, 3 packets',
    node LowCardinality(String),
    agent LowCardinality(String),
    since Int64 COMMENT 'Unix ns by the clock of node',
    until Int64 COMMENT 'Unix ns of the last report, by the clock of node',
    seen DateTime('UTC') COMMENT 'when it was last stored'
)
ENGINE = {{.Engine "ReplacingMergeTree" "until"}}
ORDER BY (address, source, node, agent, since)
SETTINGS index_granularity = 1024;
{{.Distributed "watched" "cityHash64(address)"}}
