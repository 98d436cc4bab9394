package agent_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/topology/testnet"
)

// threads is what each of a process's threads says of itself in a line of its status.
func threads(t *testing.T, pid int, line string) (values []string) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("no threads of %d: %v", pid, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		for l := range strings.Lines(string(text)) {
			if v, found := strings.CutPrefix(l, line+":"); found {
				values = append(values, strings.TrimSpace(v))
			}
		}
	}
	return values
}

// confined is an agent that runs until the test ends, and its statistics.
func confined(t *testing.T, args []string, changes ...func(serverSocket string)) (pid int, stats string) {
	t.Helper()
	server := newServer(t)
	stats = "unix://" + filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(theProgram(t), append([]string{"agent", "--node", "node0", "--server", server.address, "--stats", stats, "--otlp-grpc", "", "--otlp-native", ""}, args...)...)
	cmd.Stderr = os.Stderr
	for _, change := range changes {
		change(strings.TrimPrefix(server.address, "unix://"))
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(unix.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent's end: %v", err)
		}
	})
	eventually(t, "the agent is ready", func() bool {
		s, err := statsOf(stats)
		return err == nil && s.Ready
	})
	return cmd.Process.Pid, stats
}

func bits(capabilities ...int) string {
	var n uint64
	for _, c := range capabilities {
		n |= 1 << c
	}
	return fmt.Sprintf("%016x", n)
}

// Once it has started an agent has no capability that it does not use, none to come, and a filter of
// system calls; on all threads.
func TestAnAgentIsConfined(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to have something to drop")
	}
	for _, c := range []struct {
		name string
		args []string
		want map[string]string
	}{
		{"OTLP alone", []string{"--sys-variant", "off", "--net", "off"}, map[string]string{"CapEff": bits(), "CapPrm": bits(), "CapInh": bits(), "CapAmb": bits(), "NoNewPrivs": "1", "Seccomp": "2"}},
		{"packets", []string{"--sys-variant", "off"}, map[string]string{"CapEff": bits(unix.CAP_SYS_ADMIN, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_NET_RAW), "Seccomp": "2"}},
		{"all", nil, map[string]string{"CapEff": bits(unix.CAP_SYS_ADMIN, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_NET_RAW, unix.CAP_BPF), "NoNewPrivs": "1", "Seccomp": "2"}},
		{"not confined", []string{"--confine", "off", "--sys-variant", "off", "--net", "off"}, map[string]string{"NoNewPrivs": "0", "Seccomp": "0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := testnet.New(t, fmt.Sprintf("tlq%d-", os.Getpid()%1000), 1)
			net.Pod("one", 1)
			pid, _ := confined(t, append(c.args, "--netns", net.NodePath(1), "--otlp-http", "127.0.0.1:4318"))
			// It is confined before anybody is answered.
			eventually(t, "somebody is answered", func() bool { return postFrom(net.NodePath(1), "127.0.0.1:4318", oneSpan) == nil })
			for line, want := range c.want {
				for _, got := range threads(t, pid, line) {
					if got != want {
						t.Errorf("%s: %s of a thread, want %s", line, got, want)
					}
				}
			}
		})
	}
}

// The server may be at a socket of a user of its own, which root without a capability may not write to.
func TestAConfinedAgentReachesAServerOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to give a file away")
	}
	address := freeAddress(t)
	pid, _ := confined(t, []string{"--sys-variant", "off", "--net", "off", "--otlp-http", address}, func(socket string) {
		if err := os.Chown(socket, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(socket, 0o755); err != nil {
			t.Fatal(err)
		}
	})
	post(t, address, "/v1/traces")
	for _, got := range threads(t, pid, "CapEff") {
		if want := bits(unix.CAP_DAC_OVERRIDE); got != want {
			t.Errorf("CapEff %s, want %s", got, want)
		}
	}
}

// A confined agent does what it did: it sees pods that come later, at their system calls and packets.
func TestAConfinedAgentSeesPodsThatComeLater(t *testing.T) {
	t.Parallel()
	net := testnet.New(t, fmt.Sprintf("tlr%d-", os.Getpid()%1000), 1)
	net.Pod("early", 1)
	_, stats := confined(t, []string{"--netns", net.NodePath(1), "--otlp-http", "127.0.0.1:4318"})
	late := net.Pod("late", 1)
	server := net.Command("late", os.Args[0], "-test.run", "^TestServesAPod$")
	server.Env = append(os.Environ(), "AGENT_TEST_ADDRESS="+late.String()+":8080")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	seen := func(source string) (n uint64) {
		s, err := statsOf(stats)
		if err != nil {
			return 0
		}
		for _, l := range s.Ledger {
			if l.Source == source && (l.Stage == "sys" && l.What == "out" || l.Stage == "net" && l.What == "out: spans") {
				n += l.Count
			}
		}
		return n
	}
	eventually(t, "both see requests to it", func() bool {
		postFrom(net.PodPath("early"), late.String()+":8080", oneSpan) //nolint:errcheck // it may not listen yet
		return seen("SYS") > 0 && seen("NET") > 0
	})
}

// TestServesAPod is the process of a pod that answers every request.
func TestServesAPod(t *testing.T) {
	address := os.Getenv("AGENT_TEST_ADDRESS")
	if address == "" {
		t.Skip("runs in a pod only")
	}
	t.Fatal(http.ListenAndServe(address, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
}
