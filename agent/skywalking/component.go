package skywalking

// systems are what a component of SkyWalking's list (component-libraries.yml) is a client or server of, by
// OpenTelemetry's names: databases and caches, brokers, ways of calls. It says what no tag does.
var systems = map[int32]string{
	3: "dubbo", 23: "grpc",
	5: "mysql", 33: "mysql", 7003: "mysql", 7013: "mysql",
	22: "postgresql", 37: "postgresql", 7010: "postgresql", 7016: "postgresql",
	6: "oracle.db", 34: "oracle.db", 4: "h2database", 32: "h2database", 31: "sqlite",
	7: "redis", 30: "redis", 56: "redis", 57: "redis", 7017: "redis",
	9: "mongodb", 42: "mongodb",
	20: "memcached", 35: "memcached", 36: "memcached",
	47: "elasticsearch", 48: "elasticsearch", 69: "cassandra", 70: "cassandra",
	25: "rocketmq", 38: "rocketmq", 39: "rocketmq",
	27: "kafka", 40: "kafka", 41: "kafka",
	51: "rabbitmq", 52: "rabbitmq", 53: "rabbitmq",
	73: "pulsar", 74: "pulsar",
}

// system writes what the span's component and layer say of the request.
func (t *Translator) system(s *spanObject) {
	name, known := systems[s.component]
	switch s.layer {
	case layerDatabase, layerCache:
		if known && !s.systems {
			t.Attribute(otelAttributes, "db.system.name", []byte(name))
		}
	case layerRPC:
		if known {
			t.Attribute(otelAttributes, "rpc.system.name", []byte(name))
			t.Attribute(otelAttributes, "rpc.method", s.operation)
		}
	case layerMQ:
		if known {
			t.Attribute(otelAttributes, "messaging.system", []byte(name))
		}
	}
}
