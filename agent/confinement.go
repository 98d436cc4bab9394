package agent

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/agent/confine"
	"github.com/throughline-io/throughline/agent/doctor"
)

// confine takes from the agent what it needs no more once it has started. It says what it could not
// take, and the agent goes on.
func (a *agent) confine() {
	if !a.config.Confine {
		return
	}
	if err := confine.Keep(a.capabilities()...); err != nil {
		a.limited("confinement", []doctor.Lack{{What: "capabilities stay: " + err.Error(), Mend: "build with CGO_ENABLED=0, or give the agent no more than it needs"}})
	}
	if err := confine.Filter(confine.Calls{Exec: a.sources.sys != nil && len(a.config.Inspector) > 0, BPF: a.sources.sys != nil, Namespaces: a.sources.sys != nil || a.sources.net != nil, Probes: a.sources.sys != nil && a.sources.sys.TLS() == nil}); err != nil {
		a.limited("confinement", []doctor.Lack{{What: err.Error(), Mend: "a kernel with CONFIG_SECCOMP_FILTER; in a container leave seccomp() to the agent"}})
	}
}

// capabilities are those that the agent uses after the start: to enter namespaces of pods that come,
// to open packet sockets there, to read who a process is and what it runs, to change maps of the
// programs it has loaded.
func (a *agent) capabilities() (keep []int) {
	if a.sources.sys != nil || a.sources.net != nil {
		keep = append(keep, unix.CAP_SYS_ADMIN, unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH)
	}
	if a.sources.sys != nil {
		keep = append(keep, unix.CAP_BPF)
	}
	if a.sources.net != nil {
		keep = append(keep, unix.CAP_NET_RAW)
	}
	if a.config.OTLPTLS != (ServerTLS{}) || a.config.TLS != nil { // files that are read again when they change
		keep = append(keep, unix.CAP_DAC_READ_SEARCH)
	}
	if a.config.StateDir != "" && ofOther(a.config.StateDir) || a.serverSocket() {
		keep = append(keep, unix.CAP_DAC_OVERRIDE)
	}
	for _, p := range a.receivers.ports() {
		if p < 1024 { // tried again while it is busy
			keep = append(keep, unix.CAP_NET_BIND_SERVICE)
		}
	}
	return keep
}

// serverSocket reports whether the server is at a unix socket of another user, as it is where that has a
// user of its own. One that is not there yet may become such.
func (a *agent) serverSocket() bool {
	path, unix := strings.CutPrefix(a.config.Server, "unix:")
	return unix && ofOther("/"+strings.TrimLeft(path, "/"))
}

// ofOther reports whether a file is not known to be of the agent's own user: to write there may take a
// capability.
func ofOther(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) != os.Geteuid()
}
