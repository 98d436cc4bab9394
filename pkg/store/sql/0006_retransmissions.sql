-- When a request was there as a whole, and how often its packets were sent again.
ALTER TABLE {{.Table "spans"}} ADD COLUMN IF NOT EXISTS request_end UInt64 CODEC(T64, ZSTD(1)) AFTER response_start,
    ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow;
{{.AlterDistributed "spans" "ADD COLUMN IF NOT EXISTS request_end UInt64 AFTER response_start, ADD COLUMN IF NOT EXISTS retransmissions UInt16 AFTER flow"}}
ALTER TABLE {{.Table "requests_minute"}} ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration;
{{.AlterDistributed "requests_minute" "ADD COLUMN IF NOT EXISTS retransmissions SimpleAggregateFunction(sum, UInt64) AFTER duration"}}
