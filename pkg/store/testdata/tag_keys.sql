-- {p0} = "1799999940"
-- {p1} = "1800000000"
-- {p2} = "1800000000000000000"
-- {p3} = "1001"
SELECT toString(key) FROM (SELECT arrayJoin(mapKeys(attributes)) AS key FROM (SELECT attributes FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bucket <= {p1:DateTime('UTC')} AND bitOr(start, 0) <= {p2:Int64} AND source = 1 ORDER BY bucket DESC LIMIT 20000)) WHERE key != '' GROUP BY key ORDER BY count() DESC, key LIMIT {p3:UInt64}
