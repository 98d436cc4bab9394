-- {ids} = "[1]"
-- {minutes} = "[1800000000]"
SELECT id, grp FROM spans WHERE bucket IN {minutes:Array(DateTime('UTC'))} AND id IN {ids:Array(UInt64)}
