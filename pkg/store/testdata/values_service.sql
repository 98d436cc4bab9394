-- {p0} = "web"
-- {p1} = "a%"
-- {p2} = "1001"
SELECT DISTINCT toString(service) AS value FROM entities WHERE service != '' AND workload = {p0:String} AND service ILIKE {p1:String} ORDER BY value LIMIT {p2:UInt64}
