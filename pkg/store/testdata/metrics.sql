-- {p0} = "1800000000"
-- {p1} = "1800000060"
-- {p2} = "a%"
-- {p3} = "a%"
-- {p4} = "b"
-- {p5} = "b"
-- {p6} = "60"
-- {p7} = "10"
SELECT * EXCEPT histogram_ FROM (SELECT toUInt32(intDiv(toUInt32(minute), {p6:UInt32}) * {p6:UInt32}) AS step_, source AS source_, point AS point_, kind AS kind_, status AS status_, toString(service) AS service_, toString(protocol) AS protocol_, toString(request) AS request_, '' AS node_, entity AS entity_, client_entity AS client_entity_, server_entity AS server_entity_, sum(requests_minute.count) AS count_, sum(requests_minute.duration) AS duration_, sum(requests_minute.retransmissions) AS retransmissions_, sumMap(histogram) AS histogram_, mapKeys(histogram_) AS slots_, mapValues(histogram_) AS counts_ FROM requests_minute WHERE minute >= {p0:DateTime('UTC')} AND minute <= {p1:DateTime('UTC')} AND (source = 2 AND point = 8 OR source = 1 AND kind IN (2, 5) OR source = 3 AND point IN (6, 7)) AND ((service ILIKE {p3:String} OR entity IN (SELECT id FROM entities WHERE service ILIKE {p2:String}) OR client_entity IN (SELECT id FROM entities WHERE service ILIKE {p2:String}) OR server_entity IN (SELECT id FROM entities WHERE service ILIKE {p2:String})) OR (service = {p5:String} OR entity IN (SELECT id FROM entities WHERE service = {p4:String}) OR client_entity IN (SELECT id FROM entities WHERE service = {p4:String}) OR server_entity IN (SELECT id FROM entities WHERE service = {p4:String}))) AND NOT (status = 1) GROUP BY step_, source_, point_, kind_, status_, service_, protocol_, request_, entity_, client_entity_, server_entity_) LIMIT {p7:UInt64}
