-- {p0} = "1800000000"
-- {p1} = "1800000060"
-- {p2} = "60"
-- {p3} = "10"
SELECT toUInt32(intDiv(toUInt32(minute), {p2:UInt32}) * {p2:UInt32}) AS step_, source AS source_, point AS point_, kind AS kind_, status AS status_, toString(service) AS service_, toString(protocol) AS protocol_, '' AS request_, '' AS node_, entity AS entity_, client_entity AS client_entity_, server_entity AS server_entity_, sum(requests_minute.count) AS count_, sum(requests_minute.duration) AS duration_, sum(requests_minute.retransmissions) AS retransmissions_ FROM requests_minute WHERE minute >= {p0:DateTime('UTC')} AND minute <= {p1:DateTime('UTC')} GROUP BY step_, source_, point_, kind_, status_, service_, protocol_, entity_, client_entity_, server_entity_ LIMIT {p3:UInt64}
