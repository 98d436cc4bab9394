-- {p0} = "1800000000"
-- {p1} = "1800000000000000000"
-- {p2} = "user.id"
-- {p3} = "7"
SELECT toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} LIMIT 1)), 0)) AS f0, toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND status >= 2 LIMIT 1)), 0)) AS f1, toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND (mapContains(attributes, {p2:String}) AND ifNull(toFloat64OrNull(toString(attributes[{p2:String}])) >= {p3:Float64}, 0)) LIMIT 1)), 0)) AS f2
