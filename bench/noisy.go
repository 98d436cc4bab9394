package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/throughline-io/throughline/demo/lab"
)

const (
	noisyRate = 2000            // requests of the service in a second
	noises    = 4               // programs that do nothing but move bytes, for machines with little room
	noisyTold = 2 * time.Second // by then each of its spans is there, or counted as lost
	noisyEnd  = 5 * time.Second // an agent's end may take
)

//go:embed noise/noise.c
var noiseSource string

// noisy has one pod move as many bytes as it can beside a service, and fails unless the noisy one alone
// pays: the service's spans are there, or counted as lost while it happens, and the agent ends when it
// is told to.
func noisy(ctx context.Context, o options) error {
	v, err := startService("tlnoisy-", "noisy")
	if err != nil {
		return err
	}
	defer v.close()
	b, agent, err := newCapturing(ctx, o.bin, v.lab, false)
	if err != nil {
		return err
	}
	defer b.close()
	for range noises {
		noise, err := startNoise(b.dir, v.lab.PodNetns("noisy"))
		if err != nil {
			return err
		}
		defer func() {
			noise.Process.Kill()
			noise.Wait()
		}()
	}
	began := time.Now()
	job := askJob{URL: v.url, Requests: noisyRate * o.seconds, Connections: captureConnections, Rate: noisyRate, Seconds: o.seconds}
	var asked uint64
	if err := v.client.do(job, &asked); err != nil {
		return err
	}
	took := time.Since(began)
	if err := pause(ctx, noisyTold); err != nil {
		return err
	}
	var s agentStats
	if err := s.get(ctx, b.stats); err != nil {
		return err
	}
	want, seen, full := 2*asked, s.line("sys", "SYS", "out"), s.line("sys", "SYS", "calls dropped: ring full")
	fmt.Printf("\nnoisy: a service at %.0f requests/s beside %.0f calls/s for %.0f s: %d of its %d spans seen; calls dropped: %d, all of processes above their share, and %d because the ring was full; %s\n",
		float64(asked)/took.Seconds(), float64(s.line("sys", "SYS", "calls in"))/took.Seconds(), took.Seconds(), min(seen, want), want,
		s.line("sys", "SYS", "calls dropped: the process had its share of a ring that fills"), full, load1())
	if seen+full < want {
		return fmt.Errorf("%d spans are missing and nobody says so: %v", want-seen-full, s.Ledger)
	}
	return endsWhenTold(b, agent)
}

// endsWhenTold has the agent end while the noise goes on.
func endsWhenTold(b *bed, agent int) error {
	p := b.programs[len(b.programs)-1]
	b.programs = b.programs[:len(b.programs)-1]
	began := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	if err := syscall.Kill(agent, syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-ended:
		fmt.Printf("the agent ended after %.1f s\n", time.Since(began).Seconds())
		return err
	case <-time.After(noisyEnd):
		p.cmd.Process.Kill()
		<-ended
		return fmt.Errorf("the agent did not end within %v of SIGTERM", noisyEnd)
	}
}

// startNoise starts a program in C where there is a compiler, else the same in Go.
func startNoise(dir, netns string) (*exec.Cmd, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), roleVariable+"=noise")
	if cc, err := exec.LookPath("cc"); err == nil {
		source, program := filepath.Join(dir, "noise.c"), filepath.Join(dir, "noise")
		if err := os.WriteFile(source, []byte(noiseSource), 0o600); err != nil {
			return nil, err
		}
		if out, err := exec.Command(cc, "-O2", "-o", program, source).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", cc, err, out)
		}
		cmd = exec.Command(program)
	}
	cmd.Stderr = os.Stderr
	return cmd, lab.In(netns, cmd.Start)
}
