-- A look-up opens every column that it reads: 37 took it 5.3 ms of CPU, and as much again in a place that
-- nothing had read since the start. What is the same for most spans of a process, and of a request, is
-- there once more as a text each; searches read the columns as before, in larger blocks where no
-- look-up does. Both are 4 bytes a span, which ZSTD(3) saves on attributes and others.
ALTER TABLE {{.Table "spans"}} MODIFY COLUMN attributes CODEC(ZSTD(3)), MODIFY COLUMN details CODEC(ZSTD(3)), MODIFY COLUMN request_resource CODEC(ZSTD(3)),
    MODIFY COLUMN parent_span_id CODEC(ZSTD(3)), MODIFY COLUMN client_ip CODEC(ZSTD(3)), MODIFY COLUMN client_port CODEC(ZSTD(3)), MODIFY COLUMN client_entity CODEC(ZSTD(3)),
    MODIFY COLUMN server_ip IPv6 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN server_entity UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN entity UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144),
    MODIFY COLUMN otel_resource UInt64 CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144);
-- Rows of before have both from their columns, and get them in the background.
ALTER TABLE {{.Table "spans"}} ADD COLUMN IF NOT EXISTS origin String DEFAULT {{.OriginOfColumns}} COMMENT 'see pkg/store/origin.go' CODEC(ZSTD(3)),
    ADD COLUMN IF NOT EXISTS asked String DEFAULT {{.AskedOfColumns}} COMMENT 'see pkg/store/asked.go' CODEC(ZSTD(3));
{{.AlterDistributed "spans" "ADD COLUMN IF NOT EXISTS origin String, ADD COLUMN IF NOT EXISTS asked String"}}
ALTER TABLE {{.Table "spans"}} UPDATE origin = origin, asked = asked WHERE 1 SETTINGS mutations_sync = 0;
