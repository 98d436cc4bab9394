package doctor

import (
	"strings"

	"golang.org/x/sys/unix"
)

// How to give a capability.
const (
	mendCapabilities = "run as root, or give them: systemd AmbientCapabilities=, Kubernetes securityContext.capabilities.add, docker run --cap-add"
	mendPIDs         = "Kubernetes hostPID: true, docker run --pid host"
)

// lacking names the capabilities that are not in effect.
func (f Facts) lacking(list ...int) (lacks []Lack) {
	var missing []string
	for _, c := range list {
		if !f.Has(c) {
			missing = append(missing, capabilityNames[c])
		}
	}
	if len(missing) > 0 {
		lacks = append(lacks, Lack{strings.Join(missing, ", "), mendCapabilities})
	}
	return lacks
}

var capabilityNames = map[int]string{
	unix.CAP_BPF: "CAP_BPF", unix.CAP_PERFMON: "CAP_PERFMON", unix.CAP_SYS_ADMIN: "CAP_SYS_ADMIN", unix.CAP_NET_RAW: "CAP_NET_RAW",
	unix.CAP_SYS_PTRACE: "CAP_SYS_PTRACE", unix.CAP_DAC_READ_SEARCH: "CAP_DAC_READ_SEARCH",
}

// options of the kernel without which something does not work, and what that is.
func (f Facts) options(list ...string) (lacks []Lack) {
	for _, o := range list {
		if f.Config != nil && f.Config[o] == "" {
			lacks = append(lacks, Lack{"the kernel was built without " + o, "another kernel: those of the distributions have it"})
		}
	}
	return lacks
}

// SYS is what the capture of system calls lacks, by how it shall hook them ("auto", "tp_btf",
// "tracepoint").
func (f Facts) SYS(variant string) (lacks []Lack) {
	if f.before(5, 8) {
		lacks = append(lacks, Lack{"Linux 5.8 or newer", "another kernel"})
	}
	if !f.Has(unix.CAP_SYS_ADMIN) { // it is all of them
		lacks = append(lacks, f.lacking(unix.CAP_BPF, unix.CAP_PERFMON)...)
	}
	if !f.BTF {
		lacks = append(lacks, Lack{"/sys/kernel/btf/vmlinux: the kernel's types", "a kernel with CONFIG_DEBUG_INFO_BTF=y; in a container mount /sys"})
	}
	if f.Lockdown == "confidentiality" {
		lacks = append(lacks, Lack{"leave to read kernel memory: the kernel is locked down (confidentiality)", "boot with lockdown=integrity, or none"})
	}
	if variant == "tracepoint" && !f.Tracefs && !f.Has(unix.CAP_SYS_ADMIN) {
		lacks = append(lacks, Lack{"tracefs at /sys/kernel/tracing", "mount it, or give CAP_SYS_ADMIN"})
	}
	return append(lacks, f.options("CONFIG_BPF_SYSCALL", "CONFIG_BPF_EVENTS")...)
}

// Processes is what hinders to see into processes: which goroutines they have, and so which call of a
// process belongs to which request.
func (f Facts) Processes() (lacks []Lack) {
	if f.OwnPIDs {
		lacks = append(lacks, Lack{"the machine's process numbers: this is a PID namespace of its own", mendPIDs})
	}
	lacks = append(lacks, f.lacking(unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH)...)
	if f.before(5, 15) {
		lacks = append(lacks, Lack{"Linux 5.15 or newer: without it no goroutines are told apart", "another kernel"})
	}
	return lacks
}

// Namespaces is what hinders to enter the pods' network namespaces.
func (f Facts) Namespaces() (lacks []Lack) {
	lacks = f.lacking(unix.CAP_SYS_ADMIN)
	if f.OwnPIDs {
		lacks = append(lacks, Lack{"the processes of pods, by which their namespaces are found, where they have no name in /run/netns", mendPIDs})
	}
	return lacks
}

// NET is what the capture of packets lacks.
func (f Facts) NET() (lacks []Lack) {
	lacks = f.lacking(unix.CAP_NET_RAW)
	return append(lacks, f.options("CONFIG_PACKET")...)
}
