-- {limit} = "10"
SELECT key, min(place) AS first FROM attribute_keys GROUP BY key ORDER BY first, key LIMIT {limit:UInt64}
