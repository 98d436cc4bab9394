package sys

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const pythonMongo = `
import sys, json, threading, collections, pymongo
from pymongo import monitoring
counts, lock = collections.Counter(), threading.Lock()
class Counts(monitoring.CommandListener):
    def started(self, e):
        with lock: counts[e.command_name] += 1
    def succeeded(self, e): pass
    def failed(self, e): pass
db = pymongo.MongoClient("mongodb://" + sys.argv[1] + "/?directConnection=true&retryWrites=false", event_listeners=[Counts()])["shop"]
failed = []
def ask():
    try:
        for _ in range(int(sys.argv[2])):
            db.orders.insert_one({"total": 42})
            assert db.orders.find_one({}, comment="traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            try: db.orders.update_many({}, {"$set": {"_id": 1}}); raise SystemExit("updated")
            except pymongo.errors.WriteError: pass
            try: db.command("drop", "orders"); raise SystemExit("dropped")
            except pymongo.errors.OperationFailure: pass
    except BaseException as e: failed.append(e)
threads = [threading.Thread(target=ask) for _ in range(16)]
for t in threads: t.start()
for t in threads: t.join()
if failed: raise SystemExit(repr(failed))
print(json.dumps(counts), flush=True)
sys.stdin.read()
`

// Drivers that nobody changed, Go's by 16 connections that capture met in their middle, and Python's by 16 threads, with a server
// of ours, which does not know a command that they send. As many commands are seen at both ends as they have counted themselves.
func TestMongoDB(t *testing.T) {
	t.Parallel()
	packages := kept(t, "pymongo-4.20.1", func(dir string) error {
		return quietly(python3(t), "-m", "pip", "install", "-q", "--target", dir, "pymongo==4.20.1")
	})
	b := newBed(t)
	var address string
	b.start("mongodb-server").read(&address)
	client := b.start("mongodb-client", databaseVariable+"="+address)
	var open int
	client.read(&open)
	s := b.capture(Auto)
	client.tell(10)
	var byGo, byPython map[string]int
	client.read(&byGo)
	python := exec.Command(python3(t), "-c", pythonMongo, address, "10")
	python.Env = append(python.Environ(), "PYTHONPATH="+packages)
	b.run(python).read(&byPython)

	made := func(command string) int { return byGo[command] + byPython[command] }
	if n := 20 * open; made("insert") != n || made("find") != n || made("update") != n || made("drop") != n || made("delete") != n/2 {
		t.Errorf("the drivers made %v and %v", byGo, byPython)
	}
	want := map[string]int{
		"insert orders shop.orders 0 ok ": made("insert"), "find orders shop.orders 0 ok trace": made("find"), "update orders shop.orders 11000 client error ": made("update"),
		"drop orders shop.orders 59 client error ": made("drop"), "delete orders shop.orders 0 unknown ": made("delete"),
	}
	wantSessions(t, s, "MongoDB", want, func(sp *span.Span) string {
		trace := ""
		if sp.TraceID.String() == "0af7651916cd43dd8448eb211c80319c" {
			trace = "trace"
		}
		return fmt.Sprint(sp.Endpoint, " ", sp.Resource, " ", sp.Code, " ", sp.Status, " ", trace)
	})
}
