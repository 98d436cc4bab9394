-- Attributes are found by a filter of the hashes of their keys and values, made with the insert. A
-- text index cost half of each merge and a quarter of the disk, one of values alone does not know
-- that a common value is rare under its key. Parts that lie there get the filter in the background.
--
-- Larger blocks are cheaper to write, to merge, and smaller: a granule of attributes is one block
-- instead of five. An id is a minute and 38 bits of chance, which T64 packs and nothing compresses.
ALTER TABLE {{.Table "spans"}} DROP INDEX IF EXISTS by_attribute;
ALTER TABLE {{.Table "spans"}} DROP INDEX IF EXISTS by_value;
ALTER TABLE {{.Table "spans"}} MODIFY SETTING min_compress_block_size = 16384, max_compress_block_size = 65536;
ALTER TABLE {{.Table "spans"}} MODIFY COLUMN attributes MODIFY SETTING min_compress_block_size = 65536, max_compress_block_size = 262144;
ALTER TABLE {{.Table "spans"}} MODIFY COLUMN id CODEC(T64);
ALTER TABLE {{.Table "spans"}} ADD INDEX IF NOT EXISTS by_pair {{.AttributePairs}} TYPE bloom_filter(0.001) GRANULARITY 16;
ALTER TABLE {{.Table "spans"}} MATERIALIZE INDEX by_pair;
