package sys

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// mosquitto starts a broker that lets nobody publish below secret, and says its address. With a certificate and its key it speaks
// TLS.
func (b *bed) mosquitto(certificate ...string) string {
	b.t.Helper()
	exe, err := exec.LookPath("mosquitto")
	if err != nil {
		b.t.Fatal("no mosquitto: install it")
	}
	dir := b.t.TempDir()
	allowed, config := filepath.Join(dir, "allowed"), filepath.Join(dir, "config")
	if err := os.WriteFile(allowed, []byte("topic readwrite #\ntopic deny secret/#\n"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	text := "listener 1883 127.0.0.1\nuser root\nallow_anonymous true\nlog_type none\nacl_file " + allowed + "\n" // the namespace is ours
	if len(certificate) > 0 {
		text += "certfile " + certificate[0] + "\nkeyfile " + certificate[1] + "\n"
	}
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.Command(exe, "-c", config)
	broker := b.run(cmd)
	b.t.Cleanup(func() { // before the program's own clean-up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		broker.cmd = nil
	})
	b.untilListens(1883)
	return "127.0.0.1:1883"
}

const pythonPaho = `
import json, ssl, sys
import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.packettypes import PacketTypes
c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="python", protocol=mqtt.MQTTv5)
if len(sys.argv) > 3:
    c.tls_set(cert_reqs=ssl.CERT_NONE)
    c.tls_insecure_set(True)
c.connect("127.0.0.1", int(sys.argv[1].split(":")[1]))
c.loop_start()
for i in range(int(sys.argv[2])):
    p = Properties(PacketTypes.PUBLISH)
    p.UserProperty = ("traceparent", "00-%032x-%016x-01" % (i + 1, i + 1))
    for topic, qos in (("shop/python/news", 1), ("shop/python/bills", 2), ("secret/python", 1)):
        c.publish(topic, b"hello", qos=qos, properties=p).wait_for_publish(20)
print(json.dumps(int(sys.argv[2])), flush=True)
sys.stdin.read()
`

// mosquitto of Debian, and paho's clients: Go's by version 3.1.1, on connections that capture met in their middle, of which one
// publishes for 16 goroutines at once and another is published to; Python's by version 5. As many messages of each quality of
// service are seen at both ends as were said and came, with the contexts that they were published with.
func TestMQTT(t *testing.T) {
	t.Parallel()
	packages := kept(t, "paho-mqtt-2.2.0", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "paho-mqtt==2.2.0")
	})
	b := newBed(t)
	address := b.mosquitto()
	client := b.start("mqtt-client", addressVariable+"="+address)
	var open, n int
	client.read(&open)
	s := b.capture(Auto)
	client.tell(10)
	var made [3]int
	client.read(&made)
	python := exec.Command(python3(t), "-c", pythonPaho, address, strconv.Itoa(20))
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	b.run(python).read(&n)

	want := map[string]int{
		"CONNECT python ok ": 1, "PUBLISH shop/python/news 1 ok ": n, "PUBLISH shop/python/bills 2 ok ": n, "PUBLISH secret/python 1 client error ": n,
	}
	for qos, n := range made {
		if n != 10*open {
			t.Errorf("%d messages came with quality of service %d", n, qos)
		}
		want[fmt.Sprint("PUBLISH shop/go/orders ", qos, " ok ")] = n
		want[fmt.Sprint("PUBLISH shop/go/orders ", qos, " ok pushed")] = n
	}
	traces := map[span.TraceID]int{}
	wantSessions(t, s, "MQTT", want, func(sp *span.Span) string {
		if !sp.TraceID.IsZero() {
			traces[sp.TraceID]++
		}
		qos := ""
		if a := attribute(*sp, "mqtt.qos"); a != "" {
			qos = a + " "
		}
		pushed := ""
		if attribute(*sp, "messaging.operation.type") == "receive" {
			pushed = "pushed"
		}
		return fmt.Sprint(sp.Type, " ", sp.Resource, " ", qos, sp.Status, " ", pushed)
	})
	if len(traces) != n {
		t.Errorf("%d traces, want %d", len(traces), n)
	}
	for id, seen := range traces {
		if seen != 6 {
			t.Errorf("trace %v: %d spans, want each of three messages' at both ends", id, seen)
		}
	}
}
