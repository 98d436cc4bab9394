-- {p0} = "web"
-- {p1} = "a%"
-- {p2} = "1001"
SELECT DISTINCT toString(namespace) AS value FROM entities WHERE namespace != '' AND workload = {p0:String} AND namespace ILIKE {p1:String} ORDER BY value LIMIT {p2:UInt64}
