package session_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/agent/l7"
	"github.com/throughline-io/throughline/agent/session/sessiontest"
)

// On a connection that goes on, an exchange that is as those before it allocates nothing, of no protocol: the recorded
// conversations' last ones are said again and again. It is not parallel, as what is counted is the process's.
func TestExchangesAllocateNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	// What is another one each time has to be made each time.
	made := map[string]float64{
		"kafka-franz-go-produce": 1, "kafka-kafka-python-produce": 1, "kafka-librdkafka-produce": 1, // links: the ids of all records
		"mysql-sqlcommenter": 3, // the statement without the comment, whose ids are of this one; the two fields of that
	}
	seen := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sessiontest.Read(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		again, ok := sessiontest.LastExchange(c)
		if !ok {
			continue
		}
		seen[again.Protocol]++
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		n := testing.AllocsPerRun(100, again.Say)
		for tries := 0; n > made[name] && tries < 50; tries++ { // the race detector empties pools by chance: HPACK's of buffers
			n = testing.AllocsPerRun(2, again.Say)
		}
		if n > made[name] {
			t.Errorf("%s: %v allocations of an exchange of %s, want %v", name, n, again.Protocol, made[name])
		}
	}
	for _, p := range l7.All {
		if seen[p.Name] == 0 {
			t.Errorf("%s: no conversation has an exchange that can be said again", p.Name)
		}
	}
	t.Log(seen)
}
