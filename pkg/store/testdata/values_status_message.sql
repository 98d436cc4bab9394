-- {p0} = "1799999940"
-- {p1} = "1800000000"
-- {p2} = "1800000000000000000"
-- {p3} = "web"
-- {p4} = "a%"
-- {p5} = "1001"
SELECT CAST(value, 'String') AS v, toUInt64(sum(n)) AS count FROM (SELECT value, count() AS n FROM (SELECT status_message AS value FROM (SELECT status_message FROM spans WHERE status_message != '' AND bucket >= {p0:DateTime('UTC')} AND bucket <= {p1:DateTime('UTC')} AND bitOr(start, 0) <= {p2:Int64} AND (entity IN (SELECT id FROM entities WHERE workload = {p3:String}) OR client_entity IN (SELECT id FROM entities WHERE workload = {p3:String}) OR server_entity IN (SELECT id FROM entities WHERE workload = {p3:String}) OR otel_resource IN (SELECT id FROM otel_resources WHERE arrayFirst(v -> v != '', [attributes['k8s.deployment.name'], attributes['k8s.statefulset.name'], attributes['k8s.daemonset.name'], attributes['k8s.cronjob.name'], attributes['k8s.job.name'], attributes['k8s.replicaset.name']]) = {p3:String})) ORDER BY bucket DESC LIMIT 20000)) GROUP BY value) WHERE value != '' AND value ILIKE {p4:String} GROUP BY value ORDER BY count DESC, v LIMIT {p5:UInt64}
