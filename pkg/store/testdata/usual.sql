-- {from} = "1799913600"
-- {hops} = "[(10,'474554202f','69742773')]"
-- {to} = "1800000000"
SELECT toString(service) AS service, toString(request) AS request, point, sumMap(histogram) AS h, mapKeys(h) AS slots, mapValues(h) AS counts FROM requests_minute WHERE minute >= {from:DateTime('UTC')} AND minute <= {to:DateTime('UTC')} AND (point, requests_minute.request, requests_minute.service) IN arrayMap(h -> (h.1, unhex(h.2), unhex(h.3)), {hops:Array(Tuple(UInt8, String, String))}) GROUP BY point, request, service
