package webshop

import (
	"fmt"
	"os/exec"
	"time"

	"github.com/throughline-io/throughline/demo/process"
)

const (
	// A request between node0 and node2 and its answer are a packet each: 64 of 100 traces
	// lose at least one of the two, so that the trace at slowShare has lost one.
	lostPerMille  = 400
	slowShare     = 0.75  // of the traces are faster than the one --break shows
	slowDatabase  = 40000 // µs before each answer of the database leaves
	straceStartup = time.Second
)

// startBreak makes the one thing slow that the services cannot make slow themselves.
func (c *cluster) startBreak() error {
	switch c.opts.Break {
	case "network":
		loss, err := c.lab.Lose(0, 2, lostPerMille)
		if err != nil {
			return err
		}
		c.onClose = append(c.onClose, loss.Close)
	case "database":
		// An empty transaction's COMMIT waits for no lock and no disk: the answer itself is
		// held back, between the database's read and its write.
		if _, err := exec.LookPath("strace"); err != nil {
			return fmt.Errorf("--break=database slows the database's answers by strace: apt-get install strace (%w)", err)
		}
		_, err := c.group.Start(process.Command{Name: "strace", Argv: []string{"strace", "-q", "-f", "-p", fmt.Sprint(c.database.Pid()),
			"-e", "trace=sendto", "-e", fmt.Sprintf("inject=sendto:delay_enter=%d", slowDatabase), "-o", "/dev/null"}})
		if err != nil {
			return err
		}
		time.Sleep(straceStartup) // strace says nothing when it has attached
	}
	return nil
}
