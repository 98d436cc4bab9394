-- {groups} = "[1,2]"
SELECT DISTINCT a, a AS b FROM assoc WHERE a IN {groups:Array(UInt64)} AND kind = 0
