package docs

import (
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
)

var update = goflag.Bool("update", false, "write the table of what each protocol was seen with into docs/protocols.md")

// seen is a program that the tests of agent/sys start: what text of which file says so, whose group is its version.
type seen struct {
	protocol, program string
	server, client    bool
	file, text        string
}

const debian = " of Debian 12" // which has one version

// programs are those by which each protocol is seen, with real system calls.
var programs = []seen{
	{"HTTP", "net/http of Go %s", true, true, "go.mod", `(?m)^go (\S+)$`},
	{"HTTP", "nginx" + debian, true, false, "agent/sys/nginx_test.go", `LookPath\("nginx"\)`},
	{"HTTP", "http.server and urllib of Python", true, true, "agent/sys/runtimes_test.go", `urllib\.request\.urlopen`},
	{"HTTP", "http of Node.js", true, true, "agent/sys/runtimes_test.go", `nodeProxy`},
	{"HTTP2", "net/http of Go %s", true, true, "go.mod", `(?m)^go (\S+)$`},
	{"HTTP2", "curl" + debian, false, true, "agent/sys/http2_test.go", `Command\("curl"`},
	{"HTTP2", "http2 of Node.js", false, true, "agent/sys/http2_test.go", `nodeHTTP2`},
	{"FastCGI", "PHP-FPM %s, recorded", true, false, "agent/session/testdata/wire/fastcgi-nginx-php-fpm.txt", `PHP-FPM ([\d.]+)`},
	{"FastCGI", "nginx %s, recorded", false, true, "agent/session/testdata/wire/fastcgi-nginx-php-fpm.txt", `nginx ([\d.]+)`},
	{"gRPC", "grpc-go %s", true, true, "go.mod", `google\.golang\.org/grpc v(\S+)`},
	{"gRPC", "grpcio of Python", true, true, "agent/sys/grpc_test.go", `"grpcio"`},
	{"gRPC", "Triple of Dubbo %s", true, true, "agent/sys/dubbo_test.go", `dubboVersion = "([^"]+)"`},
	{"MySQL", "MariaDB" + debian, true, false, "agent/sys/mariadb_test.go", `LookPath\("mariadbd"\)`},
	{"MySQL", "go-sql-driver/mysql %s", false, true, "go.mod", `go-sql-driver/mysql v(\S+)`},
	{"MySQL", "MariaDB Connector/J %s", false, true, "agent/sys/mariadb_connector_test.go", `connectorVersion += "([^"]+)"`},
	{"PostgreSQL", "PostgreSQL %s" + debian, true, false, "Magefile.go", `postgresql/(\d+)/bin`},
	{"PostgreSQL", "lib/pq %s", false, true, "go.mod", `github\.com/lib/pq v(\S+)`},
	{"PostgreSQL", "pgbench %s", false, true, "Magefile.go", `postgresql/(\d+)/bin/pgbench`},
	{"Redis", "Redis" + debian, true, false, "agent/sys/redis_test.go", `LookPath\("redis-server"\)`},
	{"Redis", "go-redis %s", false, true, "go.mod", `redis/go-redis/v9 v(\S+)`},
	{"Redis", "redis-benchmark" + debian, false, true, "agent/sys/redis_test.go", `Command\("redis-benchmark"`},
	{"Kafka", "Kafka %s", true, true, "agent/sys/kafka_test.go", `kafkaVersion = "([^"]+)"`},
	{"Kafka", "franz-go %s", false, true, "go.mod", `twmb/franz-go v(\S+)`},
	{"Kafka", "librdkafka by confluent-kafka %s", false, true, "agent/sys/kafka_test.go", `confluent-kafka==([\d.]+)`},
	{"AMQP", "RabbitMQ" + debian, true, false, "agent/sys/rabbitmq_test.go", `rabbitmq-server`},
	{"AMQP", "amqp091-go %s", false, true, "go.mod", `rabbitmq/amqp091-go v(\S+)`},
	{"AMQP", "pika %s", false, true, "agent/sys/rabbitmq_test.go", `pika==([\d.]+)`},
	{"MongoDB", "one of the tests", true, false, "agent/sys/mongodb_test.go", `mongodb-server`},
	{"MongoDB", "mongo-driver of Go %s", false, true, "go.mod", `go\.mongodb\.org/mongo-driver/v2 v(\S+)`},
	{"MongoDB", "pymongo %s", false, true, "agent/sys/mongodb_test.go", `pymongo==([\d.]+)`},
	{"DNS", "dnsmasq" + debian, true, false, "agent/sys/dns_test.go", `LookPath\("dnsmasq"\)`},
	{"DNS", "net of Go %s", false, true, "go.mod", `(?m)^go (\S+)$`},
	{"Memcached", "memcached" + debian, true, false, "agent/sys/memcached_test.go", `LookPath\("memcached"\)`},
	{"Memcached", "gomemcache %s", false, true, "go.mod", `bradfitz/gomemcache v\S+-(\d{8})\d{6}-`},
	{"NATS", "nats-server" + debian, true, false, "agent/sys/nats_test.go", `LookPath\("nats-server"\)`},
	{"NATS", "nats.go %s", false, true, "go.mod", `nats-io/nats\.go v(\S+)`},
	{"MQTT", "mosquitto" + debian, true, false, "agent/sys/mqtt_test.go", `LookPath\("mosquitto"\)`},
	{"MQTT", "paho of Go %s", false, true, "go.mod", `eclipse/paho\.mqtt\.golang v(\S+)`},
	{"MQTT", "paho of Python %s", false, true, "agent/sys/mqtt_test.go", `paho-mqtt==([\d.]+)`},
	{"Dubbo", "Dubbo %s", true, true, "agent/sys/dubbo_test.go", `dubboVersion = "([^"]+)"`},
	{"WebSocket", "coder/websocket %s", true, true, "go.mod", `coder/websocket v(\S+)`},
	{"WebSocket", "websockets of Python %s", false, true, "agent/sys/websocket_test.go", `websockets==([\d.]+)`},
}

// recordings are the conversations of a protocol that are kept, and read by tests and the bench.
var recordings = map[string][]string{
	"HTTP": {"http"}, "MySQL": {"mysql", "mariadb"}, "PostgreSQL": {"postgres"},
}

// docs/protocols.md says what each protocol was seen with, by the versions that the tests have: `go test ./test/docs -update`
// writes it. Every protocol has a line.
func TestProtocolsAreSeen(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| protocol | servers | clients | conversations recorded |\n|---|---|---|---|\n")
	names := []string{"gRPC", "WebSocket"} // that others turn to
	for _, p := range l7.All {
		names = append(names, p.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, name := range names {
		var servers, clients []string
		for _, p := range programs {
			if p.protocol != name {
				continue
			}
			said := p.says(t)
			if p.server {
				servers = append(servers, said)
			}
			if p.client {
				clients = append(clients, said)
			}
		}
		recorded := recordedOf(t, name)
		if recorded == 0 && (len(servers) == 0 || len(clients) == 0) {
			t.Errorf("%s was seen with nothing", name)
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %d |\n", name, strings.Join(servers, ", "), strings.Join(clients, ", "), recorded)
	}
	const file, heading = "docs/protocols.md", "\n## Seen by the tests\n\n"
	text := read(t, file)
	before, rest, ok := strings.Cut(text, heading)
	_, behind, more := strings.Cut(rest, "\n\n")
	if !ok || !more {
		t.Fatalf("%s has no section%q", file, heading)
	}
	want := before + heading + table.String() + "\n" + behind
	switch {
	case text == want:
	case *update:
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(file)), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the tests have: go test ./test/docs -run TestProtocolsAreSeen -update", file)
	}
}

// says is the program with its version, as the file has it.
func (s *seen) says(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(s.text).FindStringSubmatch(read(t, s.file))
	switch {
	case found == nil:
		t.Errorf("%s: %s has nothing like %s", s.protocol, s.file, s.text)
	case len(found) > 1:
		return fmt.Sprintf(s.program, found[1])
	}
	return s.program
}

func recordedOf(t *testing.T, protocol string) (n int) {
	t.Helper()
	prefixes := recordings[protocol]
	if prefixes == nil {
		prefixes = []string{strings.ToLower(protocol)}
	}
	for _, prefix := range prefixes {
		files, err := filepath.Glob(filepath.Join(root, "agent/session/testdata/wire", prefix+"-*.txt"))
		if err != nil {
			t.Fatal(err)
		}
		n += len(files)
	}
	return n
}
