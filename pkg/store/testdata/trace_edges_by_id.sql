-- {id} = "1"
-- {minute} = "1800000000"
SELECT grp AS a, grp AS b, bucket, toUInt8(255) AS kind FROM spans WHERE bucket = {minute:DateTime('UTC')} AND id = {id:UInt64} LIMIT 1 UNION ALL SELECT a, b, bucket, kind FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN (SELECT grp FROM spans WHERE bucket = {minute:DateTime('UTC')} AND id = {id:UInt64} LIMIT 1)))
