-- {p0} = "1799913600"
-- {p1} = "1799913600000000000"
-- {p2} = "1800000000"
-- {p3} = "1800000000000000000"
-- {p4} = "1001"
SELECT toString(key) FROM (SELECT arrayJoin(mapKeys(attributes)) AS key FROM (SELECT attributes FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND bucket <= {p2:DateTime('UTC')} AND start <= {p3:Int64} AND source = 1 ORDER BY bucket DESC LIMIT 200000)) WHERE key != '' GROUP BY key ORDER BY count() DESC, key LIMIT {p4:UInt64}
