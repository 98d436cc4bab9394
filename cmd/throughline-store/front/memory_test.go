package front

import (
	"net/http"
	"strings"
	"testing"
)

const readerMemory = 64 << 20

// A reader's statement gets its share of the memory and no more, whatever it asks for; the owner's
// are not bounded by it.
func TestAReaderHasItsShareOfTheMemory(t *testing.T) {
	t.Parallel()
	server(t)
	const hungry = "SELECT length(groupArray(number)) FROM numbers(20000000)" // 160 MB
	for _, settings := range [][]string{nil, {"max_memory_usage", "0"}, {"max_memory_usage", "10000000000"}, {"max_memory_usage", "nonsense"}} {
		if status, answer := ask(t, "reader", hungry, nil, settings...); status == http.StatusOK || !strings.Contains(answer, "MEMORY_LIMIT_EXCEEDED") {
			t.Errorf("with %v: %d %s", settings, status, answer)
		}
	}
	if status, answer := ask(t, "owner", hungry, nil); status != http.StatusOK {
		t.Errorf("the owner: %d %s", status, answer)
	}
	if status, answer := ask(t, "reader", "SELECT sum(number) FROM numbers(20000000)", nil); status != http.StatusOK {
		t.Errorf("a modest reader: %d %s", status, answer)
	}
}
