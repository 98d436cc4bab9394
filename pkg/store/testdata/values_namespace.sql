-- {p0} = "web"
-- {p1} = "web"
-- {p2} = "a%"
-- {p3} = "1001"
SELECT CAST(value, 'String') AS v, toUInt64(sum(n)) AS count FROM (SELECT DISTINCT toString(namespace) AS value, 0 AS n FROM entities WHERE workload = {p0:String} UNION ALL SELECT DISTINCT toString(arrayFirst(v -> v != '', [attributes['k8s.namespace.name'], attributes['service.namespace']])) AS value, 0 AS n FROM otel_resources WHERE arrayFirst(v -> v != '', [attributes['k8s.deployment.name'], attributes['k8s.statefulset.name'], attributes['k8s.daemonset.name'], attributes['k8s.cronjob.name'], attributes['k8s.job.name'], attributes['k8s.replicaset.name']]) = {p1:String}) WHERE value != '' AND value ILIKE {p2:String} GROUP BY value ORDER BY count DESC, v LIMIT {p3:UInt64}
