-- The server counts requests and notes links itself: a view costs every insert, counts what comes
-- twice, and can keep spans out. The index of services never left out anything: a service is also
-- looked for by its entities.
DROP VIEW IF EXISTS {{.Table "requests_of_spans"}};
DROP VIEW IF EXISTS {{.Table "links_of_spans"}};
ALTER TABLE {{.Table "spans"}} DROP INDEX IF EXISTS by_service;
