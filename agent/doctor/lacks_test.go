package doctor

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// full is a machine on which an agent can do all.
func full() Facts {
	f := Facts{Kernel: [2]int{6, 1}, BTF: true, Tracefs: true, Lockdown: "none"}
	for c := range capabilityNames {
		f.Capabilities |= 1 << c
	}
	return f
}

// Each thing that is not there is named, with how to mend it, by the part that needs it and by no other.
func TestWhatIsLacking(t *testing.T) {
	t.Parallel()
	without := func(capability int) func(*Facts) {
		return func(f *Facts) { f.Capabilities &^= 1 << capability }
	}
	for _, c := range []struct {
		change func(*Facts)
		want   map[string]string // by part
	}{
		{func(*Facts) {}, nil},
		{without(unix.CAP_BPF), nil}, // CAP_SYS_ADMIN includes it
		{func(f *Facts) { f.Capabilities = 1 << unix.CAP_NET_RAW }, map[string]string{
			"SYS": "CAP_BPF, CAP_PERFMON", "pods": "CAP_SYS_ADMIN", "processes": "CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH"}},
		{func(f *Facts) { f.Capabilities &^= 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_PERFMON }, map[string]string{"SYS": "CAP_PERFMON", "pods": "CAP_SYS_ADMIN"}},
		{without(unix.CAP_NET_RAW), map[string]string{"NET": "CAP_NET_RAW"}},
		{without(unix.CAP_SYS_PTRACE), map[string]string{"processes": "CAP_SYS_PTRACE"}},
		{func(f *Facts) { f.BTF = false }, map[string]string{"SYS": "/sys/kernel/btf/vmlinux"}},
		{func(f *Facts) { f.Kernel = [2]int{5, 4} }, map[string]string{"SYS": "Linux 5.8", "processes": "Linux 5.15"}},
		{func(f *Facts) { f.Kernel = [2]int{5, 10} }, map[string]string{"processes": "Linux 5.15"}},
		{func(f *Facts) { f.Lockdown = "confidentiality" }, map[string]string{"SYS": "locked down"}},
		{func(f *Facts) { f.Lockdown = "integrity" }, nil},
		{func(f *Facts) { f.OwnPIDs = true }, map[string]string{"processes": "PID namespace", "pods": "processes of pods"}},
		{func(f *Facts) { f.Config = map[string]string{"CONFIG_BPF_SYSCALL": "y", "CONFIG_PACKET": "y"} }, map[string]string{"SYS": "CONFIG_BPF_EVENTS"}},
		{func(f *Facts) { f.Config = map[string]string{"CONFIG_BPF_SYSCALL": "y", "CONFIG_BPF_EVENTS": "y"} }, map[string]string{"NET": "CONFIG_PACKET"}},
	} {
		f := full()
		c.change(&f)
		for part, lacks := range map[string][]Lack{"SYS": f.SYS("auto"), "NET": f.NET(), "pods": f.Namespaces(), "processes": f.Processes()} {
			text := ""
			for _, l := range lacks {
				text += l.What + ";"
				if l.Mend == "" {
					t.Errorf("%s: nothing mends %q", part, l.What)
				}
			}
			if want := c.want[part]; !strings.Contains(text, want) || (want == "") != (text == "") {
				t.Errorf("%+v: %s lacks %q, want %q", f, part, text, want)
			}
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := Report{Parts: []Part{
		{Name: "SYS", State: Fails, Says: "refused", Lacks: []Lack{{"CAP_BPF", "run as root"}}},
		{Name: "NET", State: Works, Says: "packet sockets"},
		{Name: "state", State: Off},
	}}
	var b strings.Builder
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := `SYS          fails    refused
             lacks    CAP_BPF
             mend     run as root
NET          works    packet sockets
state        off
`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
	if got := r.Failing(); !slices.Equal(got, []string{"SYS"}) {
		t.Errorf("failing: %q", got)
	}
}
