-- {groups} = "[1,2]"
SELECT DISTINCT a FROM assoc WHERE a IN {groups:Array(UInt64)} AND kind > 0 AND b >= 9223372036854775808
