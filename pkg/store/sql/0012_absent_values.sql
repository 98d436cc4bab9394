-- What is not there is answered without reading spans: who saw or asked whom, names and messages,
-- and the values of attributes, in parts that have by_attribute only after a merge.
ALTER TABLE {{.Table "spans"}} ADD INDEX IF NOT EXISTS by_name (service, node, endpoint, status_message, entity, client_entity, server_entity, otel_resource) TYPE bloom_filter(0.001) GRANULARITY 64;
ALTER TABLE {{.Table "spans"}} ADD INDEX IF NOT EXISTS by_value mapValues(attributes) TYPE bloom_filter(0.001) GRANULARITY 16;
