package sys

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const kafkaVersion = "4.4.0"

// kafkaProperties are those of a broker that is its own controller.
const kafkaProperties = `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.dirs=`

// kept is a directory of installed things, which stays in the user's cache.
func kept(t *testing.T, name string, install func(dir string) error) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "throughline", "sys", name)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), "made-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(made)
	if err := install(made); err != nil {
		t.Fatalf("cannot install %s: %v", name, err)
	}
	if err := os.Rename(made, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // else another test was first
			t.Fatal(err)
		}
	}
	return dir
}

// quietly runs a command; what it says is in the error.
func quietly(program string, args ...string) error {
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// kafkaInstalled is a directory with a broker from Maven Central and an empty log.
func kafkaInstalled(t *testing.T) string {
	return kept(t, "kafka-"+kafkaVersion, func(dir string) error {
		pom, properties := filepath.Join(dir, "pom.xml"), filepath.Join(dir, "server.properties")
		err := errors.Join(os.WriteFile(properties, []byte(kafkaProperties+filepath.Join(dir, "log")), 0o644), os.WriteFile(pom, []byte(`<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>throughline</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>`+kafkaVersion+`</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>`+kafkaVersion+`</version></dependency>
  </dependencies>
</project>`), 0o644))
		if err != nil {
			return err
		}
		if err := quietly("mvn", "-q", "-B", "-f", pom, "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies", "-DoutputDirectory="+filepath.Join(dir, "lib"), "-DincludeScope=runtime"); err != nil {
			return err
		}
		return quietly("java", "-cp", filepath.Join(dir, "lib", "*"), "kafka.tools.StorageTool", "format", "-t", "A1vuScIaTbWCbboY_l_kMA", "-c", properties)
	})
}

// kafkaJava is a command that starts a class of the broker's.
func kafkaJava(installed, class string, args ...string) *exec.Cmd {
	flags := []string{"-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", filepath.Join(installed, "lib", "*"), class}
	return exec.Command("java", append(flags, args...)...)
}

// kafka starts a broker and says its address.
func (b *bed) kafka(installed string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	properties := filepath.Join(dir, "server.properties")
	if err := errors.Join(os.CopyFS(filepath.Join(dir, "log"), os.DirFS(filepath.Join(installed, "log"))), os.WriteFile(properties, []byte(kafkaProperties+filepath.Join(dir, "log")), 0o644)); err != nil {
		b.t.Fatal(err)
	}
	cmd := kafkaJava(installed, "kafka.Kafka", properties)
	broker := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		broker.cmd = nil
	})
	const address = "127.0.0.1:9092" // the namespace is ours
	until(b.t, func() bool {
		var c net.Conn
		var err error
		b.in(func() { c, err = net.Dial("tcp", address) })
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	return address
}

const pythonKafka = `
import sys, json
from confluent_kafka import Producer, Consumer, TopicPartition
at, n = sys.argv[1], int(sys.argv[2])
for name, acks in (("test-librdkafka", "all"), ("test-librdkafka-0", "0")):
    p = Producer({"bootstrap.servers": at, "client.id": name, "acks": acks, "linger.ms": 0})
    for i in range(n):
        p.produce("orders", b"hello", headers=[("traceparent", "00-%032x-%016x-01" % (i + 1, i + 1))])
        if p.flush(20): raise SystemExit("not sent")
c = Consumer({"bootstrap.servers": at, "group.id": "billing", "client.id": "test-librdkafka-reads", "auto.offset.reset": "earliest", "fetch.message.max.bytes": 2000})
c.assign([TopicPartition("orders", 0, 0)])
read = 0
while read < int(sys.argv[3]):
    m = c.poll(20)
    if m is None or m.error(): raise SystemExit(str(m and m.error()))
    read += 1
c.close()
print(json.dumps(read), flush=True)
sys.stdin.read()
`

// A broker and three clients that nobody changed: Java's; librdkafka, as Python has it, also without answers, and
// reading; franz-go by 16 at once, on connections that capture met in their middle and which name the topic by its id, which the
// others' connections have said what it stands for. Each end sees what each client says that it has done.
func TestKafka(t *testing.T) {
	t.Parallel()
	installed := kafkaInstalled(t)
	packages := kept(t, "confluent-kafka-2.16.1", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "confluent-kafka==2.16.1")
	})
	b := newBed(t)
	address := b.kafka(installed)
	franz := b.start("kafka-client", databaseVariable+"="+address)
	var before, made int
	franz.read(&before) // all its connections are open
	s := b.capture(Auto)

	const each, javas = 20, 30
	named := filepath.Join(t.TempDir(), "client.properties")
	if err := os.WriteFile(named, []byte("client.id=test-java\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var text []byte
	var err error
	b.in(func() {
		text, err = kafkaJava(installed, "org.apache.kafka.tools.VerifiableProducer", "--bootstrap-server", address, "--topic", "orders", "--max-messages", strconv.Itoa(javas), "--producer.config", named).Output()
	})
	if n := strings.Count(string(text), "producer_send_success"); err != nil || n != javas {
		t.Fatalf("Java's producer: %v, %d messages\n%s", err, n, text)
	}
	python := exec.Command(python3(t), "-c", pythonKafka, address, strconv.Itoa(each), strconv.Itoa(before+javas+2*each))
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	var read int
	b.run(python).read(&read)
	franz.tell(each)
	franz.read(&made)

	ours := func(sp *span.Span) bool {
		return sp.Protocol == "Kafka" && strings.HasPrefix(attribute(*sp, "messaging.client.id"), "test-")
	}
	produced := func(client string) func(*span.Span) bool {
		return func(sp *span.Span) bool {
			return ours(sp) && sp.Type == "Produce" && attribute(*sp, "messaging.client.id") == client
		}
	}
	ends := []span.Point{span.PointClientProcess, span.PointServerProcess}
	for _, p := range ends {
		s.wait(made, func(sp *span.Span) bool { return sp.Point == p && produced("test-franz-go")(sp) })
	}
	s.capture.Close()
	for _, p := range ends {
		for client, want := range map[string]struct {
			status   span.Status
			requests int // 0: the client says how many messages only
			messages int
			contexts int
		}{
			"test-franz-go":     {span.StatusOK, made, made, made},
			"test-librdkafka":   {span.StatusOK, each, each, each},
			"test-librdkafka-0": {span.StatusUnknown, each, each, each},
			"test-java":         {span.StatusOK, 0, javas, 0},
		} {
			requests, messages, contexts := 0, 0, map[span.TraceID]bool{}
			for _, sp := range s.matching(produced(client)) {
				if sp.Point != p {
					continue
				}
				requests++
				n, _ := strconv.Atoi(attribute(sp, "messaging.batch.message_count"))
				messages += n
				if !sp.TraceID.IsZero() {
					contexts[sp.TraceID] = true
				}
				if sp.Resource != "orders" || sp.Endpoint != "Produce orders" || sp.Status != want.status || sp.Code != 0 {
					t.Errorf("%s %s: %+v", p, client, sp)
				}
			}
			if messages != want.messages || want.requests != 0 && requests != want.requests || len(contexts) != want.contexts {
				t.Errorf("%s %s: %d requests, %d messages, %d contexts, want %+v\nledger:\n%s", p, client, requests, messages, len(contexts), want, s.lines())
			}
		}
	}
	fetched, linked := 0, 0
	for _, sp := range s.matching(func(sp *span.Span) bool {
		return ours(sp) && sp.Point == span.PointClientProcess && sp.Type == "Fetch"
	}) {
		n, _ := strconv.Atoi(attribute(sp, "messaging.batch.message_count"))
		fetched += n
		if sp.Resource != "orders" || attribute(sp, "throughline.blocking") != "true" {
			t.Errorf("%+v", sp)
		}
		links, _ := span.ReadLinks(sp.Links)
		linked += len(links)
	}
	if fetched < read || linked < 2*each {
		t.Errorf("%d messages were fetched, the client has read %d; %d contexts", fetched, read, linked)
	}
	checkKafkaEnds(t, s, ours)
}

// checkKafkaEnds checks that both ends saw the same of what both saw to its end: whoever leaves does not wait for answers.
func checkKafkaEnds(t *testing.T, s *seen, ours func(*span.Span) bool) {
	t.Helper()
	ends := map[span.Point]map[string]string{span.PointClientProcess: {}, span.PointServerProcess: {}}
	for _, sp := range s.matching(ours) {
		request := fmt.Sprint(sp.Client, sp.RequestSeq)
		if ends[sp.Point][request] != "" {
			t.Errorf("twice: %+v", sp)
		}
		ends[sp.Point][request] = fmt.Sprint(sp.ResponseSeq, " ", sp.Type, sp.Version, sp.Resource, sp.Status, sp.Code, sp.RequestSize, " ", sp.ResponseSize)
		if sp.Status == span.StatusClosed {
			ends[sp.Point][request] = "left"
		}
	}
	for request, server := range ends[span.PointServerProcess] {
		if client := ends[span.PointClientProcess][request]; client != server && client != "left" && server != "left" {
			t.Errorf("%q at the client, %q at the broker", client, server)
		}
	}
	if a, b := len(ends[span.PointClientProcess]), len(ends[span.PointServerProcess]); a != b {
		t.Errorf("%d requests at the clients, %d at the broker", a, b)
	}
}
