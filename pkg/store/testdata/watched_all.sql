-- {from} = "1"
-- {limit} = "10"
-- {to} = "2"
SELECT address, source, CAST(node, 'String') AS node, since, max(watched.until) AS last FROM watched WHERE since <= {to:Int64} AND until >= {from:Int64} GROUP BY address, source, node, since LIMIT {limit:UInt64}
