package agent_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/throughline-io/throughline/agent"
	"github.com/throughline-io/throughline/agent/doctor"
)

func parts(r doctor.Report) map[string]doctor.Part {
	m := map[string]doctor.Part{}
	for _, p := range r.Parts {
		m[p.Name] = p
	}
	return m
}

// Each part is tried: one that would work says so, another what it lacks; and nothing is left of it.
func TestDiagnosisTriesEachPart(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	running := run(t, newServer(t), nil)
	dir := t.TempDir()
	c := agent.Config{Name: "node0", Server: newServer(t).address, SYS: "off", OTLPHTTP: running.stats.OTLP[0], OTLPGRPC: busy.Addr().String(), StateDir: filepath.Join(dir, "a", "b"), LogBytes: 1 << 60}
	for range 2 { // nothing of the first is in the way of the second
		r, err := agent.Diagnose(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]struct {
			state doctor.State
			says  string
		}{
			"SYS": {doctor.Off, ""}, "NET": {doctor.Off, ""}, "OTLP/HTTP": {doctor.Works, "an agent receives there"}, "OTLP/gRPC": {doctor.Fails, "in use"},
			"native OTLP": {doctor.Off, ""}, "state": {doctor.Limited, ""}, "server": {doctor.Works, "unix:"},
		} {
			if p := parts(r)[name]; p.State != want.state || !strings.Contains(p.Says, want.says) {
				t.Errorf("%s: %+v, want %+v", name, p, want)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !os.IsNotExist(err) {
		t.Errorf("a directory was made: %v", err)
	}
	c.Server = "127.0.0.1:1"
	r, err := agent.Diagnose(t.Context(), c)
	if p := parts(r)["server"]; err != nil || p.State != doctor.Fails || len(p.Lacks) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Without rights, what needs them says which, and the doctor fails; so it is told by an agent that runs
// without them, whose receivers work.
func TestDoctorWithoutRights(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to become somebody else")
	}
	binary := theProgram(t)
	nobody := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	at := newServer(t).address
	if err := os.Chmod(strings.TrimPrefix(at, "unix://"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "doctor", "--server", at, "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "", "--otlp-native", "", "-o", "json")
	cmd.SysProcAttr = nobody
	out, err := cmd.Output()
	if err == nil {
		t.Error("the doctor says that all works")
	}
	var r doctor.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, want := range map[string]string{"SYS": "CAP_BPF", "NET": "CAP_NET_RAW", "pods": "CAP_SYS_ADMIN", "processes": "CAP_SYS_PTRACE", "OTLP/HTTP": ""} {
		p := parts(r)[name]
		text := ""
		for _, l := range p.Lacks {
			text += l.String()
		}
		if !strings.Contains(text, want) || (want == "") != (p.State == doctor.Works) {
			t.Errorf("%s: %+v, want %q", name, p, want)
		}
	}
}
