-- A look-up asks each part for its keys, some 10 µs a key: the edges of a list of traces took twice as
-- long in five parts as in one. A week that nobody adds to for five minutes becomes one part: the one
-- that is over, and the last where spans come at times. It costs 0.3 CPU seconds a million edges.
ALTER TABLE {{.Table "assoc"}} MODIFY SETTING min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1;
