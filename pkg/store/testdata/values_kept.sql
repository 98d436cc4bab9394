-- {key} = "user.id"
-- {place} = "1"
-- {since} = "1800000000"
SELECT DISTINCT value FROM attribute_values WHERE key = {key:String} AND place = {place:UInt8} AND seen >= {since:DateTime('UTC')}
