-- {group} = "1"
-- {id} = "1"
-- {minute} = "1800000000"
SELECT toUInt8(0) AS rank, grp FROM spans WHERE bucket = {minute:DateTime('UTC')} AND id = {id:UInt64} LIMIT 1 UNION ALL SELECT toUInt8(1) AS rank, a AS grp FROM assoc WHERE a = {group:UInt64} LIMIT 1
