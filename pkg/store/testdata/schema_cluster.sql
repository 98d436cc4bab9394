-- Edges between groups of spans: how the spans of a trace are found. Both directions of an
-- edge are rows; kind 0 says that group a has rows in minute bucket. Granules are small and
-- parts compact, because a look-up reads a few keys.
CREATE TABLE IF NOT EXISTS assoc_local ON CLUSTER prod
(
    a UInt64 CODEC(LZ4),
    b UInt64 CODEC(LZ4),
    bucket DateTime('UTC') CODEC(LZ4),
    kind UInt8 CODEC(LZ4)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(bucket)
ORDER BY (a, bucket, b, kind)
SETTINGS index_granularity = 64, min_bytes_for_wide_part = 100000000000, min_rows_for_wide_part = 100000000000, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS assoc ON CLUSTER prod AS throughline.assoc_local ENGINE = Distributed(prod, throughline, assoc_local, a);

-- Spans of all three sources. Rows of one group lie together within a minute, so a trace is
-- a few key ranges. A span that is sent again replaces itself: same key, same id.
CREATE TABLE IF NOT EXISTS spans_local ON CLUSTER prod
(
    bucket DateTime('UTC') COMMENT 'start, to the minute' CODEC(Delta, ZSTD(1)),
    grp UInt64 COMMENT 'group: hash of the trace id, else of the TCP sequence pair, else of the passage',
    id UInt64 CODEC(ZSTD(1)),
    source UInt8 COMMENT '1 APP, 2 SYS, 3 NET',
    point UInt8 COMMENT 'observation point, in path order',
    kind UInt8,
    trace_id FixedString(16),
    span_id FixedString(8),
    parent_span_id FixedString(8),
    trace_state String,
    start Int64 COMMENT 'Unix ns by the clock of node' CODEC(Delta, ZSTD(1)),
    duration UInt64 CODEC(T64, ZSTD(1)),
    response_start UInt64 CODEC(T64, ZSTD(1)),
    agent LowCardinality(String),
    node LowCardinality(String),
    pod_ip IPv6,
    service LowCardinality(String),
    protocol LowCardinality(String),
    version LowCardinality(String),
    type LowCardinality(String),
    domain LowCardinality(String),
    request_resource String,
    endpoint LowCardinality(String),
    request_id String,
    x_request_id String,
    x_response_id String,
    status UInt8,
    code Int32,
    status_message String,
    request_size UInt64 CODEC(T64, ZSTD(1)),
    response_size UInt64 CODEC(T64, ZSTD(1)),
    client_ip IPv6,
    server_ip IPv6,
    client_port UInt16,
    server_port UInt16,
    transport UInt8,
    request_seq UInt32,
    response_seq UInt32,
    flow UInt64,
    tunnel LowCardinality(String),
    interface LowCardinality(String),
    interface_type LowCardinality(String),
    tls UInt8,
    pid UInt32,
    tid UInt32,
    comm LowCardinality(String),
    goroutine UInt64 CODEC(T64, ZSTD(1)),
    passage UInt64,
    syscall_trace_id_request UInt64,
    syscall_trace_id_response UInt64,
    capture_seq UInt64 CODEC(T64, ZSTD(1)),
    entity UInt64,
    client_entity UInt64,
    server_entity UInt64,
    otel_resource UInt64,
    scope_name LowCardinality(String),
    scope_version LowCardinality(String),
    attributes Map(LowCardinality(String), String),
    events String,
    links String,
    attribute_types String COMMENT 'one letter for each attribute, in order',
    time DateTime64(9, 'UTC') ALIAS fromUnixTimestamp64Nano(start, 'UTC'),
    INDEX by_span_id span_id TYPE bloom_filter(0.01) GRANULARITY 8,
    INDEX by_duration duration TYPE minmax GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(bucket)
ORDER BY (bucket, grp, start, id)
SETTINGS index_granularity = 512, min_compress_block_size = 8192, max_compress_block_size = 32768,
    default_compression_codec = 'ZSTD(1)', merge_selector_base = 15, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS spans ON CLUSTER prod AS throughline.spans_local ENGINE = Distributed(prod, throughline, spans_local, grp);

-- Who the ends of a span are: one row for each distinct entity, by the hash of its values.
CREATE TABLE IF NOT EXISTS entities_local ON CLUSTER prod
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', seen)
ORDER BY id
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS entities ON CLUSTER prod AS throughline.entities_local ENGINE = Distributed(prod, throughline, entities_local, id);

-- Attribute sets of OTLP ResourceSpans: one row for each distinct set.
CREATE TABLE IF NOT EXISTS otel_resources_local ON CLUSTER prod
(
    id UInt64,
    attributes Map(LowCardinality(String), String),
    attribute_types String,
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', seen)
ORDER BY id
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS otel_resources ON CLUSTER prod AS throughline.otel_resources_local ENGINE = Distributed(prod, throughline, otel_resources_local, id);

-- What every stage of every agent and server took in, passed on and lost: counters since
-- the reporter's start, the newest of each minute.
CREATE TABLE IF NOT EXISTS ledger_local ON CLUSTER prod
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', time)
PARTITION BY toMonday(minute)
ORDER BY (minute, reporter, boot, stage, source, what)
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS ledger ON CLUSTER prod AS throughline.ledger_local ENGINE = Distributed(prod, throughline, ledger_local, cityHash64(reporter));

-- What was asked of whom, per minute: counts and durations, for metrics, the service map,
-- the usual duration of a hop, and the values of variables. The server adds the rows of every
-- insert.
--
-- The hour comes first in the order, then what a look-up of "usual" names. Durations are a
-- histogram of 16 buckets for each power of two: bucket = floor(16 * log2(duration + 1)).
-- A block that is inserted again with the same token is not counted again; the window is
-- here and not on spans, whose rows replace themselves.
CREATE TABLE IF NOT EXISTS requests_minute_local ON CLUSTER prod
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
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(minute)
ORDER BY (toStartOfHour(minute), point, request, service, status, minute, source, kind, protocol, node, entity, client_entity, server_entity)
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS requests_minute ON CLUSTER prod AS throughline.requests_minute_local ENGINE = Distributed(prod, throughline, requests_minute_local, cityHash64(request));

-- When a request was there as a whole, and how often its packets were sent again.
ALTER TABLE spans_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS request_end UInt64 CODEC(T64, ZSTD(1)) AFTER response_start,
    ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow;

ALTER TABLE spans ON CLUSTER prod ADD COLUMN IF NOT EXISTS request_end UInt64 AFTER response_start, ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow;

ALTER TABLE requests_minute_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration;

ALTER TABLE requests_minute ON CLUSTER prod ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration;

-- Which addresses the agents looked at, and when: hops count as missing only where somebody
-- looked. A row is extended by every report, about once a minute.
CREATE TABLE IF NOT EXISTS watched_local ON CLUSTER prod
(
    address IPv6 COMMENT 'of a pod, or of the node itself',
    source UInt8 COMMENT '2 system calls, 3 packets',
    node LowCardinality(String),
    agent LowCardinality(String),
    since Int64 COMMENT 'Unix ns by the clock of node',
    until Int64 COMMENT 'Unix ns of the last report, by the clock of node',
    seen DateTime('UTC') COMMENT 'when it was last stored'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', until)
ORDER BY (address, source, node, agent, since)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS watched ON CLUSTER prod AS throughline.watched_local ENGINE = Distributed(prod, throughline, watched_local, cityHash64(address));

-- Which keys attributes have, and where: on spans, on resources, on events. One row for each
-- key and place that occurred, so that a search looks where a key can be, and lists of keys
-- are whole.
CREATE TABLE IF NOT EXISTS attribute_keys_local ON CLUSTER prod
(
    key String,
    place UInt8 COMMENT '1 span, 2 resource, 3 event',
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', seen)
ORDER BY (key, place)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS attribute_keys ON CLUSTER prod AS throughline.attribute_keys_local ENGINE = Distributed(prod, throughline, attribute_keys_local, cityHash64(key));

-- Links between spans, by the trace that is linked to: who links to a trace cannot be found
-- in the spans themselves, which lie by their own trace. Few spans have links. They never join
-- traces: a trace is read without them.
CREATE TABLE IF NOT EXISTS links_local ON CLUSTER prod
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(bucket)
ORDER BY (linked_trace, bucket, id, linked_span)
SETTINGS index_granularity = 256, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS links ON CLUSTER prod AS throughline.links_local ENGINE = Distributed(prod, throughline, links_local, cityHash64(linked_trace));

-- The server counts requests and notes links itself: a view costs every insert, counts what comes
-- twice, and can keep spans out. The index of services never left out anything: a service is also
-- looked for by its entities.
DROP VIEW IF EXISTS requests_of_spans_local ON CLUSTER prod;

DROP VIEW IF EXISTS links_of_spans_local ON CLUSTER prod;

ALTER TABLE spans_local ON CLUSTER prod DROP INDEX IF EXISTS by_service;

-- What OTLP sends of a span besides, as JSON: flags, dropped counts, schema URLs, the scope's
-- attributes. It is the same for most spans of a scope, and nothing for many.
ALTER TABLE spans_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS otlp_rest LowCardinality(String) AFTER scope_version;

ALTER TABLE spans ON CLUSTER prod ADD COLUMN IF NOT EXISTS otlp_rest LowCardinality(String) AFTER scope_version;

-- What is not there is answered without reading spans: who saw or asked whom, names and messages,
-- and the values of attributes, in parts that have by_attribute only after a merge.
ALTER TABLE spans_local ON CLUSTER prod ADD INDEX IF NOT EXISTS by_name (service, node, endpoint, status_message, entity, client_entity, server_entity, otel_resource) TYPE bloom_filter(0.001) GRANULARITY 64;

ALTER TABLE spans_local ON CLUSTER prod ADD INDEX IF NOT EXISTS by_value mapValues(attributes) TYPE bloom_filter(0.001) GRANULARITY 16;

-- Values to choose from, so that no list of them reads spans: of attributes of spans, and of what
-- spans have besides. Of a key with very many values there are the first, and one row without.
CREATE TABLE IF NOT EXISTS attribute_values_local ON CLUSTER prod
(
    key String,
    place UInt8 COMMENT '0 the span itself, 1 an attribute of it',
    value String,
    seen DateTime('UTC') COMMENT 'when it was last sent'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', seen)
ORDER BY (key, place, value)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS attribute_values ON CLUSTER prod AS throughline.attribute_values_local ENGINE = Distributed(prod, throughline, attribute_values_local, cityHash64(key));

-- Attributes are found by a filter of the hashes of their keys and values, made with the insert. A
-- text index cost half of each merge and a quarter of the disk, one of values alone does not know
-- that a common value is rare under its key. Parts that lie there get the filter in the background.
--
-- Larger blocks are cheaper to write, to merge, and smaller: a granule of attributes is one block
-- instead of five. An id is a minute and 38 bits of chance, which T64 packs and nothing compresses.
ALTER TABLE spans_local ON CLUSTER prod DROP INDEX IF EXISTS by_attribute;

ALTER TABLE spans_local ON CLUSTER prod DROP INDEX IF EXISTS by_value;

ALTER TABLE spans_local ON CLUSTER prod MODIFY SETTING min_compress_block_size = 16384, max_compress_block_size = 65536;

ALTER TABLE spans_local ON CLUSTER prod MODIFY COLUMN attributes MODIFY SETTING min_compress_block_size = 65536, max_compress_block_size = 262144;

ALTER TABLE spans_local ON CLUSTER prod MODIFY COLUMN id CODEC(T64);

ALTER TABLE spans_local ON CLUSTER prod ADD INDEX IF NOT EXISTS by_pair arrayMap((k, v) -> cityHash64(k, v), mapKeys(attributes), mapValues(attributes)) TYPE bloom_filter(0.001) GRANULARITY 16;

ALTER TABLE spans_local ON CLUSTER prod MATERIALIZE INDEX by_pair;

-- A look-up opens every column that it reads, and a merge too, some 50 µs each: so what no search
-- asks for is one column, and texts that few spans have and few searches ask for another. Until the
-- next step rows of before have them from the columns of before.
ALTER TABLE spans_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS texts Array(String) DEFAULT arraySlice([toString(trace_state), toString(request_id), toString(x_request_id), toString(x_response_id)], 1, arrayLastIndex(t -> t != '', [toString(trace_state), toString(request_id), toString(x_request_id), toString(x_response_id)])),
    ADD COLUMN IF NOT EXISTS details String DEFAULT concat(char(length(reinterpretAsString(length(toString(attribute_types))))), reinterpretAsString(length(toString(attribute_types))), toString(attribute_types), char(length(reinterpretAsString(length(toString(agent))))), reinterpretAsString(length(toString(agent))), toString(agent), char(length(reinterpretAsString(length(if(pod_ip = toIPv6('::'), '', reinterpretAsString(pod_ip)))))), reinterpretAsString(length(if(pod_ip = toIPv6('::'), '', reinterpretAsString(pod_ip)))), if(pod_ip = toIPv6('::'), '', reinterpretAsString(pod_ip)), char(length(reinterpretAsString(response_start))), reinterpretAsString(response_start), char(length(reinterpretAsString(request_end))), reinterpretAsString(request_end), char(length(reinterpretAsString(length(toString(version))))), reinterpretAsString(length(toString(version))), toString(version), char(length(reinterpretAsString(length(toString(links))))), reinterpretAsString(length(toString(links))), toString(links), char(length(reinterpretAsString(length(toString(otlp_rest))))), reinterpretAsString(length(toString(otlp_rest))), toString(otlp_rest), char(length(reinterpretAsString(request_size))), reinterpretAsString(request_size), char(length(reinterpretAsString(response_size))), reinterpretAsString(response_size), char(length(reinterpretAsString(transport))), reinterpretAsString(transport), char(length(reinterpretAsString(flow))), reinterpretAsString(flow), char(length(reinterpretAsString(retransmissions))), reinterpretAsString(retransmissions), char(length(reinterpretAsString(length(toString(tunnel))))), reinterpretAsString(length(toString(tunnel))), toString(tunnel), char(length(reinterpretAsString(length(toString(interface_type))))), reinterpretAsString(length(toString(interface_type))), toString(interface_type), char(length(reinterpretAsString(tls))), reinterpretAsString(tls), char(length(reinterpretAsString(pid))), reinterpretAsString(pid), char(length(reinterpretAsString(tid))), reinterpretAsString(tid), char(length(reinterpretAsString(goroutine))), reinterpretAsString(goroutine), char(length(reinterpretAsString(passage))), reinterpretAsString(passage), char(length(reinterpretAsString(syscall_trace_id_request))), reinterpretAsString(syscall_trace_id_request), char(length(reinterpretAsString(syscall_trace_id_response))), reinterpretAsString(syscall_trace_id_response), char(length(reinterpretAsString(capture_seq))), reinterpretAsString(capture_seq)) COMMENT 'see pkg/store/details.go' SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144);

ALTER TABLE spans ON CLUSTER prod ADD COLUMN IF NOT EXISTS texts Array(String), ADD COLUMN IF NOT EXISTS details String;

ALTER TABLE spans_local ON CLUSTER prod UPDATE texts = texts, details = details WHERE 1 SETTINGS mutations_sync = 0;

-- What is in texts and details is no column any more.
ALTER TABLE spans_local ON CLUSTER prod MODIFY COLUMN texts DEFAULT [], MODIFY COLUMN details DEFAULT '';

ALTER TABLE spans_local ON CLUSTER prod DROP COLUMN IF EXISTS attribute_types, DROP COLUMN IF EXISTS agent, DROP COLUMN IF EXISTS pod_ip, DROP COLUMN IF EXISTS response_start, DROP COLUMN IF EXISTS request_end, DROP COLUMN IF EXISTS version, DROP COLUMN IF EXISTS links, DROP COLUMN IF EXISTS otlp_rest, DROP COLUMN IF EXISTS request_size, DROP COLUMN IF EXISTS response_size, DROP COLUMN IF EXISTS transport, DROP COLUMN IF EXISTS flow, DROP COLUMN IF EXISTS retransmissions, DROP COLUMN IF EXISTS tunnel, DROP COLUMN IF EXISTS interface_type, DROP COLUMN IF EXISTS tls, DROP COLUMN IF EXISTS pid, DROP COLUMN IF EXISTS tid, DROP COLUMN IF EXISTS goroutine, DROP COLUMN IF EXISTS passage, DROP COLUMN IF EXISTS syscall_trace_id_request, DROP COLUMN IF EXISTS syscall_trace_id_response, DROP COLUMN IF EXISTS capture_seq, DROP COLUMN IF EXISTS trace_state, DROP COLUMN IF EXISTS request_id, DROP COLUMN IF EXISTS x_request_id, DROP COLUMN IF EXISTS x_response_id;

ALTER TABLE spans ON CLUSTER prod DROP COLUMN IF EXISTS attribute_types, DROP COLUMN IF EXISTS agent, DROP COLUMN IF EXISTS pod_ip, DROP COLUMN IF EXISTS response_start, DROP COLUMN IF EXISTS request_end, DROP COLUMN IF EXISTS version, DROP COLUMN IF EXISTS links, DROP COLUMN IF EXISTS otlp_rest, DROP COLUMN IF EXISTS request_size, DROP COLUMN IF EXISTS response_size, DROP COLUMN IF EXISTS transport, DROP COLUMN IF EXISTS flow, DROP COLUMN IF EXISTS retransmissions, DROP COLUMN IF EXISTS tunnel, DROP COLUMN IF EXISTS interface_type, DROP COLUMN IF EXISTS tls, DROP COLUMN IF EXISTS pid, DROP COLUMN IF EXISTS tid, DROP COLUMN IF EXISTS goroutine, DROP COLUMN IF EXISTS passage, DROP COLUMN IF EXISTS syscall_trace_id_request, DROP COLUMN IF EXISTS syscall_trace_id_response, DROP COLUMN IF EXISTS capture_seq, DROP COLUMN IF EXISTS trace_state, DROP COLUMN IF EXISTS request_id, DROP COLUMN IF EXISTS x_request_id, DROP COLUMN IF EXISTS x_response_id;

ALTER TABLE spans_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS trace_state String ALIAS texts[1], ADD COLUMN IF NOT EXISTS request_id String ALIAS texts[2], ADD COLUMN IF NOT EXISTS x_request_id String ALIAS texts[3], ADD COLUMN IF NOT EXISTS x_response_id String ALIAS texts[4];

ALTER TABLE spans ON CLUSTER prod ADD COLUMN IF NOT EXISTS trace_state String ALIAS texts[1], ADD COLUMN IF NOT EXISTS request_id String ALIAS texts[2], ADD COLUMN IF NOT EXISTS x_request_id String ALIAS texts[3], ADD COLUMN IF NOT EXISTS x_response_id String ALIAS texts[4];

-- A look-up asks each part for its keys, some 10 µs a key: the edges of a list of traces took twice as
-- long in five parts as in one. A week that nobody adds to for five minutes becomes one part: the one
-- that is over, and the last where spans come at times. It costs 0.3 CPU seconds a million edges.
ALTER TABLE assoc_local ON CLUSTER prod MODIFY SETTING min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1;

-- Groups of agents, and each version of their configuration: the servers behind one address see the
-- same. Nothing of it goes with age.
CREATE TABLE IF NOT EXISTS agent_groups_local ON CLUSTER prod
(
    id String,
    name String,
    deleted UInt8,
    at Int64 COMMENT 'Unix ns of this word about the group'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', at)
ORDER BY id;

CREATE TABLE IF NOT EXISTS agent_groups ON CLUSTER prod AS throughline.agent_groups_local ENGINE = Distributed(prod, throughline, agent_groups_local, cityHash64(id));

-- Of rows with one version, which two servers made at a time, the first by (at, key) counts.
CREATE TABLE IF NOT EXISTS agent_group_configs_local ON CLUSTER prod
(
    group_id String,
    version UInt64 COMMENT 'from 1',
    at Int64 COMMENT 'Unix ns',
    key UInt64 COMMENT 'at random',
    what LowCardinality(String) COMMENT 'create, update, delete, rollback',
    author String COMMENT 'as who made it called himself',
    yaml String COMMENT 'as it was given; empty: deleted'
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (group_id, version, at, key);

CREATE TABLE IF NOT EXISTS agent_group_configs ON CLUSTER prod AS throughline.agent_group_configs_local ENGINE = Distributed(prod, throughline, agent_group_configs_local, cityHash64(group_id));

-- A look-up opens every column that it reads: 37 took it 5.3 ms of CPU, and as much again in a place that
-- nothing had read since the start. What is the same for most spans of a process, and of a request, is
-- there once more as a text each; searches read the columns as before, in larger blocks where no
-- look-up does. Both are 4 bytes a span, which ZSTD(3) saves on attributes and others.
ALTER TABLE spans_local ON CLUSTER prod MODIFY COLUMN attributes CODEC(ZSTD(3)), MODIFY COLUMN details CODEC(ZSTD(3)), MODIFY COLUMN request_resource CODEC(ZSTD(3)),
    MODIFY COLUMN parent_span_id CODEC(ZSTD(3)), MODIFY COLUMN client_ip CODEC(ZSTD(3)), MODIFY COLUMN client_port CODEC(ZSTD(3)), MODIFY COLUMN client_entity CODEC(ZSTD(3)),
    MODIFY COLUMN server_ip IPv6 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN server_entity UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN entity UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN otel_resource UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144);

-- Rows of before have both from their columns, and get them in the background.
ALTER TABLE spans_local ON CLUSTER prod ADD COLUMN IF NOT EXISTS origin String DEFAULT concat(char(length(reinterpretAsString(length(toString(node))))), reinterpretAsString(length(toString(node))), toString(node), char(length(reinterpretAsString(length(toString(service))))), reinterpretAsString(length(toString(service))), toString(service), char(length(reinterpretAsString(length(toString(scope_name))))), reinterpretAsString(length(toString(scope_name))), toString(scope_name), char(length(reinterpretAsString(length(toString(scope_version))))), reinterpretAsString(length(toString(scope_version))), toString(scope_version), char(length(reinterpretAsString(length(toString(comm))))), reinterpretAsString(length(toString(comm))), toString(comm), char(length(reinterpretAsString(length(toString(interface))))), reinterpretAsString(length(toString(interface))), toString(interface), char(length(reinterpretAsString(entity))), reinterpretAsString(entity), char(length(reinterpretAsString(otel_resource))), reinterpretAsString(otel_resource), char(length(reinterpretAsString(source))), reinterpretAsString(source), char(length(reinterpretAsString(point))), reinterpretAsString(point)) COMMENT 'see pkg/store/origin.go' CODEC(ZSTD(3)),
    ADD COLUMN IF NOT EXISTS asked String DEFAULT concat(char(length(reinterpretAsString(server_entity))), reinterpretAsString(server_entity), char(length(reinterpretAsString(length(if(server_ip = toIPv6('::'), '', reinterpretAsString(server_ip)))))), reinterpretAsString(length(if(server_ip = toIPv6('::'), '', reinterpretAsString(server_ip)))), if(server_ip = toIPv6('::'), '', reinterpretAsString(server_ip)), char(length(reinterpretAsString(server_port))), reinterpretAsString(server_port), char(length(reinterpretAsString(kind))), reinterpretAsString(kind), char(length(reinterpretAsString(length(toString(protocol))))), reinterpretAsString(length(toString(protocol))), toString(protocol), char(length(reinterpretAsString(length(toString(type))))), reinterpretAsString(length(toString(type))), toString(type), char(length(reinterpretAsString(length(toString(domain))))), reinterpretAsString(length(toString(domain))), toString(domain), char(length(reinterpretAsString(length(toString(endpoint))))), reinterpretAsString(length(toString(endpoint))), toString(endpoint), char(length(reinterpretAsString(status))), reinterpretAsString(status), char(length(reinterpretAsString(code))), reinterpretAsString(code), char(length(reinterpretAsString(length(toString(status_message))))), reinterpretAsString(length(toString(status_message))), toString(status_message)) COMMENT 'see pkg/store/asked.go' CODEC(ZSTD(3));

ALTER TABLE spans ON CLUSTER prod ADD COLUMN IF NOT EXISTS origin String, ADD COLUMN IF NOT EXISTS asked String;

ALTER TABLE spans_local ON CLUSTER prod UPDATE origin = origin, asked = asked WHERE 1 SETTINGS mutations_sync = 0;

ALTER TABLE spans_local ON CLUSTER prod MODIFY TTL bucket + INTERVAL 7 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE assoc_local ON CLUSTER prod MODIFY TTL bucket + INTERVAL 7 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE ledger_local ON CLUSTER prod MODIFY TTL minute + INTERVAL 7 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE watched_local ON CLUSTER prod MODIFY TTL seen + INTERVAL 9 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE requests_minute_local ON CLUSTER prod MODIFY TTL minute + INTERVAL 7 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE links_local ON CLUSTER prod MODIFY TTL bucket + INTERVAL 7 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE entities_local ON CLUSTER prod MODIFY TTL seen + INTERVAL 9 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE otel_resources_local ON CLUSTER prod MODIFY TTL seen + INTERVAL 9 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE attribute_keys_local ON CLUSTER prod MODIFY TTL seen + INTERVAL 9 DAY SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE attribute_values_local ON CLUSTER prod MODIFY TTL seen + INTERVAL 9 DAY SETTINGS materialize_ttl_after_modify = 0;
