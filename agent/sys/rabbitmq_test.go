package sys

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

// rabbitmq starts a broker and says its address.
func (b *bed) rabbitmq() string {
	b.t.Helper()
	const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
	if _, err := os.Stat(program); err != nil {
		b.t.Fatal("no rabbitmq-server: install it")
	}
	found, _ := filepath.Glob("/usr/lib/erlang/erts-*/bin/epmd")
	if len(found) == 0 {
		b.t.Fatal("no epmd: install erlang-base")
	}
	dir := b.t.TempDir()
	plugins := filepath.Join(dir, "plugins")
	if err := os.WriteFile(plugins, []byte("[]."), 0o644); err != nil {
		b.t.Fatal(err)
	}
	killed := func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it is a script, and its program
		p := b.run(cmd)
		b.t.Cleanup(func() { // before the program's own clean-up
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
			p.cmd = nil
		})
	}
	listens := func(address string) {
		until(b.t, func() bool {
			var c net.Conn
			var err error
			b.in(func() { c, err = net.Dial("tcp", address) })
			return err == nil && c.Close() == nil
		})
	}
	killed(exec.Command(found[0])) // else the broker starts one that outlives it
	listens("127.0.0.1:4369")
	server := exec.Command(program)
	server.Env = append(os.Environ(), "HOME="+dir, "RABBITMQ_NODENAME=r@localhost", "RABBITMQ_MNESIA_BASE="+filepath.Join(dir, "mnesia"), "RABBITMQ_LOGS="+filepath.Join(dir, "log"),
		"RABBITMQ_NODE_PORT=5672", "RABBITMQ_PID_FILE="+filepath.Join(dir, "pid"), "RABBITMQ_CONFIG_FILE="+filepath.Join(dir, "none"), "RABBITMQ_ENABLED_PLUGINS_FILE="+plugins,
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1 -start_epmd false")
	killed(server)
	const address = "127.0.0.1:5672" // the namespace is ours
	listens(address)
	return address
}

const pythonPika = `
import sys, json, pika
host, port = sys.argv[1].split(":")
n = int(sys.argv[2])
c = pika.BlockingConnection(pika.ConnectionParameters(host, int(port)))
ch = c.channel()
ch.queue_declare("python")
ch.confirm_delivery()
for i in range(n):
    ch.basic_publish("", "python", b"hello", pika.BasicProperties(headers={"traceparent": "00-%032x-%016x-01" % (i + 1, i + 1)}), mandatory=True)
    try:
        ch.basic_publish("", "nobody", b"hello", mandatory=True)
        raise SystemExit("routed")
    except pika.exceptions.UnroutableError:
        pass
for i in range(n):
    m, _, _ = ch.basic_get("python")
    ch.basic_ack(m.delivery_tag)
try:
    c.channel().queue_declare("missing", passive=True)
    raise SystemExit("there")
except pika.exceptions.ChannelClosedByBroker:
    pass
print(json.dumps(n), flush=True)
sys.stdin.read()
`

// A RabbitMQ broker, and two clients that nobody changed: pika, and amqp091-go by 16 connections at once, each of which is
// confirmed what it publishes and acknowledges what it is delivered. Each end sees what each client says that it has done.
func TestRabbitMQ(t *testing.T) {
	t.Parallel()
	packages := kept(t, "pika-1.4.4", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "pika==1.4.4")
	})
	b := newBed(t)
	address := b.rabbitmq()
	s := b.capture(Auto)
	goes := b.start("rabbitmq-client", databaseVariable+"="+address)
	const each = 10
	var clients, made, pikas int
	goes.read(&clients)
	goes.tell(each)
	goes.read(&made)
	python := exec.Command(python3(t), "-c", pythonPika, address, strconv.Itoa(each))
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	b.run(python).read(&pikas)

	want := map[string]int{
		"basic.publish go ok 0": made, "basic.deliver go ok 0": made, "queue.declare go ok 0": clients, "basic.consume go ok 0": clients,
		"queue.declare python ok 0": 1, "basic.publish python ok 0": pikas, "basic.publish nobody client error 312": pikas, "basic.get python ok 0": pikas, "queue.declare missing client error 404": 1,
	}
	total := 0
	for _, n := range want {
		total += n
	}
	said := func(sp *span.Span) string {
		endpoint := sp.Endpoint
		if sp.Resource == "go" || strings.HasPrefix(sp.Resource, "go.") {
			endpoint = sp.Type + " go"
		}
		return fmt.Sprint(endpoint, " ", sp.Status, " ", sp.Code)
	}
	// The broker asks where it delivers: its process is the caller then.
	for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		s.wait(total, func(sp *span.Span) bool { return sp.Protocol == "AMQP" && sp.Point == p })
	}
	s.capture.Close()
	for _, p := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		wantTally(t, s, p.String(), tally(s, "AMQP", p, said), want)
		contexts := map[string]int{}
		for _, sp := range s.matching(func(sp *span.Span) bool { return sp.Point == p && !sp.TraceID.IsZero() }) {
			contexts[sp.Type]++
		}
		if contexts["basic.publish"] != made+pikas || contexts["basic.deliver"] != made {
			t.Errorf("%s: contexts %v", p, contexts)
		}
	}
	checkEnds(t, s, "AMQP")
}
