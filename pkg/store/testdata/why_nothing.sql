-- {p0} = "1800000000"
-- {p1} = "1800000000000000000"
-- {p2} = "1800000000"
-- {p3} = "user.id"
-- {p4} = "7"
SELECT toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p2:DateTime('UTC')} LIMIT 1)), 0)) AS f0, toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bitOr(start, 0) >= {p1:Int64} AND (status BETWEEN 2 AND 7) LIMIT 1)), 0)) AS f1, toUInt64(ifNull((SELECT count() FROM (SELECT 1 FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND bitOr(start, 0) >= {p1:Int64} AND (mapContains(attributes, {p3:String}) AND ifNull(toFloat64OrNull(toString(attributes[{p3:String}])) >= {p4:Float64}, 0)) LIMIT 1)), 0)) AS f2
