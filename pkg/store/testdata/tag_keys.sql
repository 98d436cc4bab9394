-- {p0} = "1800000000"
-- {p1} = "1800000000000000000"
-- {p2} = "1799999940"
-- {p3} = "1800000060"
-- {p4} = "1001"
SELECT toString(key) FROM (SELECT arrayJoin(mapKeys(attributes)) AS key FROM (SELECT attributes FROM spans WHERE bucket <= {p0:DateTime('UTC')} AND start <= {p1:Int64} AND bucket >= {p2:DateTime('UTC')} AND bucket < {p3:DateTime('UTC')} AND source = 1 ORDER BY bucket DESC LIMIT 20000)) WHERE key != '' GROUP BY key ORDER BY count() DESC, key LIMIT {p4:UInt64}
