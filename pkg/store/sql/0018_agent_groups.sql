-- Groups of agents, and each version of their configuration: the servers behind one address see the
-- same. Nothing of it goes with age.
CREATE TABLE IF NOT EXISTS {{.Table "agent_groups"}}
(
    id String,
    name String,
    deleted UInt8,
    at Int64 COMMENT 'Unix ns of this word about the group'
)
ENGINE = {{.Engine "ReplacingMergeTree" "at"}}
ORDER BY id;
{{.Distributed "agent_groups" "cityHash64(id)"}}

-- Of rows with one version, which two servers made at a time, the first by (at, key) counts.
CREATE TABLE IF NOT EXISTS {{.Table "agent_group_configs"}}
(
    group_id String,
    version UInt64 COMMENT 'from 1',
    at Int64 COMMENT 'Unix ns',
    key UInt64 COMMENT 'at random',
    what LowCardinality(String) COMMENT 'create, update, delete, rollback',
    author String COMMENT 'as who made it called himself',
    yaml String COMMENT 'as it was given; empty: deleted'
)
ENGINE = {{.Engine "MergeTree"}}
ORDER BY (group_id, version, at, key);
{{.Distributed "agent_group_configs" "cityHash64(group_id)"}}
