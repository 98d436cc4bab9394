-- What every stage of every agent and server took in, passed on and lost: counters since
-- the reporter's start, the newest of each minute.
CREATE TABLE IF NOT EXISTS {{.Table "ledger"}}
(
    minute DateTime('UTC'),
    reporter LowCardinality(String) COMMENT 'the agent or server',
    node LowCardinality(String),
    boot UInt64 COMMENT 'another value after each start',
    started Int64 COMMENT 'Unix ns',
    stage LowCardinality(String),
    source LowCardinality(String),
    what LowCardinality(String),
    count UInt64,
    time Int64 COMMENT 'Unix ns of the report'
)
ENGINE = {{.Engine "ReplacingMergeTree" "time"}}
PARTITION BY toMonday(minute)
ORDER BY (minute, reporter, boot, stage, source, what)
SETTINGS ttl_only_drop_parts = 1;
{{.Distributed "ledger" "cityHash64(reporter)"}}
