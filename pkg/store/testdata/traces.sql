-- {p0} = "1800000000"
-- {p1} = "1800000000000000000"
-- {p2} = "20000"
SELECT grp, max(start) AS newest, min(start) AS oldest, count() AS n FROM (SELECT grp, start FROM spans WHERE (source != 3 OR trace_id != unhex('00000000000000000000000000000000')) AND bucket <= {p0:DateTime('UTC')} AND start <= {p1:Int64} ORDER BY bucket DESC, start DESC LIMIT {p2:UInt64}) GROUP BY grp ORDER BY newest DESC, grp
