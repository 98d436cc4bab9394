-- {p0} = "1799913600"
-- {p1} = "1799913600000000000"
-- {p2} = "1800000000"
-- {p3} = "1800000000000000000"
-- {p4} = "web"
-- {p5} = "a%"
-- {p6} = "1000"
SELECT toString(value) FROM (SELECT if(protocol = 'HTTP', if(endpoint = '', toString(type), concat(type, ' ', endpoint)), if(request_resource != '', request_resource, toString(endpoint))) AS value, count() AS n FROM spans WHERE bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND bucket <= {p2:DateTime('UTC')} AND start <= {p3:Int64} AND (entity IN (SELECT id FROM entities WHERE workload = {p4:String}) OR client_entity IN (SELECT id FROM entities WHERE workload = {p4:String}) OR server_entity IN (SELECT id FROM entities WHERE workload = {p4:String})) GROUP BY value) WHERE value != '' AND value LIKE {p5:String} ORDER BY n DESC, value LIMIT {p6:UInt64}
