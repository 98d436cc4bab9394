package export

import (
	"testing"
	"time"

	"github.com/throughline-io/throughline/pkg/wire"
)

// The server hears what the agent looks at when it changes and every minute, and again
// where it may not have heard.
func TestWhatIsWatchedIsToldNowAndThen(t *testing.T) {
	t.Parallel()
	changes := 1
	watched := func() ([]*wire.Watched, int) { return []*wire.Watched{{Source: "SYS"}}, changes }
	var w watchedReport
	begin := time.Unix(1000, 0)
	for _, step := range []struct {
		what    string
		after   time.Duration
		changes int
		heard   bool
		want    bool
	}{
		{"at the start", 0, 1, false, true},
		{"the server did not hear it", time.Second, 1, true, true},
		{"nothing new", 2 * time.Second, 1, true, false},
		{"a pod came", 3 * time.Second, 2, true, true},
		{"less than a minute later", 62 * time.Second, 2, true, false},
		{"a minute later", 63 * time.Second, 2, true, true},
	} {
		changes = step.changes
		all, told := w.due(watched, begin.Add(step.after))
		if (len(all) > 0) != step.want {
			t.Errorf("%s: told %v, want %v", step.what, len(all) > 0, step.want)
		}
		if step.heard {
			told()
		}
	}
}
