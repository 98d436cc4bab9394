package front

import (
	"strings"
	"testing"
)

// chDB (26.9 and before) gives what a failed statement had written to the next statement of its
// connection. Nobody may get rows of another's.
func TestNothingOfAFailedStatementIsInTheNextAnswer(t *testing.T) {
	t.Parallel()
	for i := range 40 {
		failing := []string{"EXPLAIN SELECT throwIf(1)", "FROM numbers(5) SELECT 'of the failed', throwIf(number = 3)", "SELECT 'of the failed', throwIf(number = 3) FROM numbers(5)"}[i%3]
		ask(t, "owner", failing+" SETTINGS max_block_size = 1, max_threads = 1", nil)
		for range 8 { // one by one on all connections
			if _, answer := ask(t, "owner", "EXISTS system.one", nil); strings.Contains(answer, "of the failed") {
				t.Fatalf("it answers %q", answer)
			}
		}
	}
}
