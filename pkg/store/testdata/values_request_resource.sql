-- {p0} = "1799913600"
-- {p1} = "1800000000"
-- {p2} = "web"
-- {p3} = "a%"
-- {p4} = "1001"
SELECT CAST(value, 'String') AS v, toUInt64(sum(n)) AS count FROM (SELECT request AS value, sum(requests_minute.count) AS n FROM requests_minute WHERE minute >= {p0:DateTime('UTC')} AND minute <= {p1:DateTime('UTC')} AND (entity IN (SELECT id FROM entities WHERE workload = {p2:String}) OR client_entity IN (SELECT id FROM entities WHERE workload = {p2:String}) OR server_entity IN (SELECT id FROM entities WHERE workload = {p2:String})) GROUP BY value) WHERE value != '' AND value ILIKE {p3:String} GROUP BY value ORDER BY count DESC, v LIMIT {p4:UInt64}
