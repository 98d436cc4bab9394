-- {group} = "1"
SELECT a, b, bucket, kind FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a = {group:UInt64})
