-- {from} = "1799996400"
-- {group} = "1"
-- {to} = "1800003660"
SELECT a, b, bucket, kind FROM assoc WHERE a IN (SELECT b FROM assoc WHERE a = {group:UInt64} AND bucket >= {from:DateTime('UTC')} AND bucket <= {to:DateTime('UTC')}) AND bucket >= {from:DateTime('UTC')} AND bucket <= {to:DateTime('UTC')}
