-- {p0} = "user.id"
-- {p1} = "1799913600"
-- {p2} = "1799913600000000000"
-- {p3} = "1800000000"
-- {p4} = "1800000000000000000"
-- {p5} = "web"
-- {p6} = "a%"
-- {p7} = "1001"
SELECT toString(value) FROM (SELECT value, count() AS n FROM (SELECT attributes[{p0:String}] AS value FROM spans WHERE mapContains(attributes, {p0:String}) AND bucket >= {p1:DateTime('UTC')} AND start >= {p2:Int64} AND bucket <= {p3:DateTime('UTC')} AND start <= {p4:Int64} AND (entity IN (SELECT id FROM entities WHERE workload = {p5:String}) OR client_entity IN (SELECT id FROM entities WHERE workload = {p5:String}) OR server_entity IN (SELECT id FROM entities WHERE workload = {p5:String})) ORDER BY bucket DESC LIMIT 200000) GROUP BY value) WHERE value != '' AND value ILIKE {p6:String} ORDER BY n DESC, value LIMIT {p7:UInt64}
