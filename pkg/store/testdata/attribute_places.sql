-- {keys} = "['6162']"
SELECT DISTINCT place, key FROM attribute_keys WHERE key IN arrayMap(k -> unhex(k), {keys:Array(String)})
