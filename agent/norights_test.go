package agent_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An agent that may not capture says what it lacks, is not ready, and receives spans.
func TestAnAgentWithoutRightsReceives(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to become somebody else")
	}
	const nobody = 65534
	server := newServer(t)
	socket, dir := strings.TrimPrefix(server.address, "unix://"), t.TempDir()
	for _, open := range []string{socket, filepath.Dir(filepath.Dir(socket)), dir} { // a test's directory is its user's alone
		if err := os.Chmod(open, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	stats, otlp := "unix://"+filepath.Join(dir, "s"), freeAddress(t)
	cmd := exec.Command(theProgram(t), "agent", "--node", "node0", "--server", server.address, "--stats", stats, "--otlp-http", otlp, "--otlp-grpc", "", "--otlp-native", "")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent's end: %v", err)
		}
	})
	eventually(t, "the agent says what failed", func() bool {
		s, err := statsOf(stats)
		failed := strings.Join(s.Failed, "\n")
		return err == nil && !s.Ready && strings.Contains(failed, "SYS") && strings.Contains(failed, "CAP_")
	})
	post(t, otlp, "/v1/traces")
}
