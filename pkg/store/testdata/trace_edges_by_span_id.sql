-- {from} = "1799999940"
-- {span} = "12345678"
-- {to} = "1800000060"
SELECT grp AS a, grp AS b, bucket, toUInt8(255) AS kind FROM spans WHERE span_id = {span:FixedString(8)} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')} LIMIT 1 UNION ALL SELECT a, b, bucket, kind FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a IN (SELECT grp FROM spans WHERE span_id = {span:FixedString(8)} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')} LIMIT 1)))
