package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/pkg/wire"
	"github.com/throughline-io/throughline/test/kernel/report"
)

// observe runs the agent with one variant of its hooks while requests go from pod to pod.
func observe(run *report.Run) {
	began := time.Now()
	defer func() { run.Seconds = time.Since(began).Seconds() }()
	os.Remove(receiverSocket)
	r, err := receive(receiverSocket)
	if err != nil {
		run.Fault(err)
		return
	}
	defer r.server.Stop()
	serving, err := server.start("serve")
	if err != nil {
		run.Fault(err)
		return
	}
	defer serving.Wait()
	defer serving.Process.Kill()
	seeing, err := startAgent(run.Variant)
	if err != nil {
		run.Fault(err)
		return
	}
	if err := watch(run, r); err != nil {
		run.Fault(errors.Join(err, end(seeing)))
		return
	}
	run.Fault(request(run))
	run.Fault(requestInside(run))
	want := (run.Requests + run.Inside) * len(report.Places)
	if run.Hooks == "" {
		want /= 2 // packets alone
	}
	run.Fault(r.arrived(want))
	run.Fault(end(seeing))
	judge(run, r)
}

// watch waits until the agent looks at both pods, and notes by what hooks.
func watch(run *report.Run, r *receiver) error {
	var s agent.Stats
	if err := within("the agent tells its hooks", func() bool {
		var err error
		s, err = statsOf()
		return err == nil && s.SYS != "off" && s.NET != "off"
	}); err != nil {
		return err
	}
	if why, refused := strings.CutPrefix(s.SYS, "failed: "); refused {
		run.Refused = why
	} else {
		run.Hooks = s.SYS
	}
	return within("both pods are watched", func() bool {
		return (run.Hooks == "" || r.watches("SYS")) && r.watches("NET")
	})
}

// request lets the client make all its requests.
func request(run *report.Run) error {
	if err := calls("call"); err != nil {
		return err
	}
	run.Requests = len(resources())
	return nil
}

// requestInside lets it make those inside of TLS, once the agent sees what is said there.
func requestInside(run *report.Run) error {
	if run.Hooks == "" {
		return nil
	}
	if strings.Contains(run.Hooks, "no goroutines") { // of programs in Go, as this one
		if err := calls("call-inside"); err != nil {
			return err
		}
		return within("the agent says that it does not see what is said inside of TLS", func() bool {
			s, err := statsOf()
			return err == nil && len(s.TLS.Unread) > 0 && len(s.TLS.Read) == 0
		})
	}
	var s agent.Stats
	if err := within("the agent sees what is said inside of TLS", func() bool {
		var err error
		s, err = statsOf()
		return err == nil && (len(s.TLS.Read) > 0 || len(s.Failed)+len(s.Limited) > 0)
	}); err != nil {
		return err
	}
	if len(s.TLS.Read) == 0 {
		return fmt.Errorf("what is said inside of TLS is not seen: %v, %v, %v", s.TLS.Unread, s.Failed, s.Limited)
	}
	if err := calls("call-inside"); err != nil {
		return err
	}
	run.Inside = len(inside())
	return nil
}

// calls lets the client do what a role says.
func calls(role string) error {
	calling, err := client.start(role)
	if err != nil {
		return err
	}
	if err := calling.Wait(); err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return fmt.Errorf("the client, %s: %w", role, err)
		}
		return err
	}
	return nil
}

// judge compares what came with what was done.
func judge(run *report.Run, r *receiver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	tally(run, r.spans)
	run.Lost = lost(r.ledger)
}

// lost are the lines of a ledger that tell of something dropped.
func lost(ledger []*wire.LedgerRow) (lines []string) {
	for _, row := range ledger {
		if strings.Contains(row.What, "dropped") && row.Count > 0 {
			lines = append(lines, fmt.Sprintf("%s %s: %s: %d", row.Stage, row.Source, row.What, row.Count))
		}
	}
	return lines
}
