package lab_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/demo/lab"
)

// A second one is told what is in the way, and may come when the first has gone.
func TestThereIsOneAtATime(t *testing.T) {
	t.Parallel()
	what := fmt.Sprintf("test-%d", os.Getpid())
	t.Cleanup(func() { os.Remove("/run/throughline-" + what + ".lock") })
	first, err := lab.Lock(what)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lab.Lock(what); err == nil || !strings.Contains(err.Error(), "another "+what+" is running") {
		t.Errorf("the second: %v", err)
	}
	first.Close()
	again, err := lab.Lock(what)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
