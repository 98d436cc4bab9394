-- {addresses} = "['::ffff:10.0.0.1','fd00::1']"
-- {from} = "1"
-- {to} = "2"
SELECT address, source, CAST(node, 'String') AS node, since, max(watched.until) AS last FROM watched WHERE since <= {to:Int64} AND until >= {from:Int64} AND address IN {addresses:Array(IPv6)} GROUP BY address, source, node, since
