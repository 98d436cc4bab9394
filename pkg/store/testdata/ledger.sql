-- {p0} = "1800000000"
-- {p1} = "1800000000"
-- {p2} = "agent%"
SELECT time, reporter, node, boot, started, stage, source, what, count FROM ledger WHERE minute >= {p0:DateTime('UTC')} AND minute <= {p1:DateTime('UTC')} AND reporter ILIKE {p2:String} ORDER BY reporter, boot, stage, source, what, time DESC LIMIT 1 BY reporter, boot, stage, source, what
