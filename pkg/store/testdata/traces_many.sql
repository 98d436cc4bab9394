-- {p0} = "1799999940"
-- {p1} = "1800000000"
-- {p2} = "1800000000"
-- {p3} = "1800000000000000000"
-- {p4} = "200000"
SELECT grp, max(start) AS newest, min(start) AS oldest, count() AS n FROM (SELECT grp, start FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bucket <= {p1:DateTime('UTC')} AND (source != 3 OR bitTest(grp, 63)) AND bucket <= {p2:DateTime('UTC')} AND bitOr(start, 0) <= {p3:Int64} ORDER BY start DESC LIMIT {p4:UInt64}) GROUP BY grp ORDER BY newest DESC, grp
