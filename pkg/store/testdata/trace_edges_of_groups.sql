-- {groups} = "[1,2]"
SELECT a, b, bucket, kind FROM assoc WHERE a IN {groups:Array(UInt64)}
