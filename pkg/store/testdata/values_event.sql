-- {p0} = "1799913600"
-- {p1} = "1799913600000000000"
-- {p2} = "1800000000"
-- {p3} = "1800000000000000000"
-- {p4} = "web"
-- {p5} = "a%"
-- {p6} = "1001"
SELECT toString(value) FROM (SELECT value, count() AS n FROM (SELECT arrayJoin(arrayMap(e -> JSONExtractString(e, 'name'), JSONExtractArrayRaw(events))) AS value FROM (SELECT events FROM spans WHERE events != '' AND bucket >= {p0:DateTime('UTC')} AND start >= {p1:Int64} AND bucket <= {p2:DateTime('UTC')} AND start <= {p3:Int64} AND (entity IN (SELECT id FROM entities WHERE workload = {p4:String}) OR client_entity IN (SELECT id FROM entities WHERE workload = {p4:String}) OR server_entity IN (SELECT id FROM entities WHERE workload = {p4:String}) OR otel_resource IN (SELECT id FROM otel_resources WHERE arrayFirst(v -> v != '', [attributes['k8s.deployment.name'], attributes['k8s.statefulset.name'], attributes['k8s.daemonset.name'], attributes['k8s.cronjob.name'], attributes['k8s.job.name'], attributes['k8s.replicaset.name']]) = {p4:String})) ORDER BY bucket DESC LIMIT 200000)) GROUP BY value) WHERE value != '' AND value ILIKE {p5:String} GROUP BY value ORDER BY sum(n) DESC, value LIMIT {p6:UInt64}
