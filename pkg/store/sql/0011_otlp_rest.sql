-- What OTLP sends of a span besides, as JSON: flags, dropped counts, schema URLs, the scope's
-- attributes. It is the same for most spans of a scope, and nothing for many.
ALTER TABLE {{.Table "spans"}} ADD COLUMN IF NOT EXISTS otlp_rest LowCardinality(String) AFTER scope_version;
{{.AlterDistributed "spans" "ADD COLUMN IF NOT EXISTS otlp_rest LowCardinality(String) AFTER scope_version"}}
