-- What is in texts and details is no column any more.
ALTER TABLE {{.Table "spans"}} MODIFY COLUMN texts DEFAULT [], MODIFY COLUMN details DEFAULT '';
ALTER TABLE {{.Table "spans"}} {{.DropPacked}};
{{.AlterDistributed "spans" .DropPacked}}
ALTER TABLE {{.Table "spans"}} {{.AddTexts}};
{{.AlterDistributed "spans" .AddTexts}}
