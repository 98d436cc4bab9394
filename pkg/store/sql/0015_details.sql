-- A look-up opens every column that it reads, and a merge too, some 50 µs each: so what no search
-- asks for is one column, and texts that few spans have and few searches ask for another. Until the
-- next step rows of before have them from the columns of before.
ALTER TABLE {{.Table "spans"}} ADD COLUMN IF NOT EXISTS texts Array(String) DEFAULT {{.TextsOfColumns}},
    ADD COLUMN IF NOT EXISTS details String DEFAULT {{.DetailsOfColumns}} COMMENT 'see pkg/store/details.go' SETTINGS (min_compress_block_size = 65536, max_compress_block_size = 262144);
{{.AlterDistributed "spans" "ADD COLUMN IF NOT EXISTS texts Array(String), ADD COLUMN IF NOT EXISTS details String"}}
ALTER TABLE {{.Table "spans"}} UPDATE texts = texts, details = details WHERE 1 SETTINGS mutations_sync = 0;
