// Package container tells which container and which pod of Kubernetes a process of the node is in, by the
// names of its control groups.
package container

import (
	"regexp"
	"strings"
)

// Identity is where a process is; "" where it is in none.
type Identity struct {
	ID     string // of the container, as its runtime gave it
	PodUID string // of the pod, as Kubernetes gave it
}

var (
	// Docker, containerd, CRI-O and Podman give 64 hexadecimal digits, ECS on Fargate its task's 32 and a number.
	id = regexp.MustCompile(`^(?:[0-9a-f]{64}|[0-9a-f]{32}-[0-9]+)$`)
	// With systemd's driver the parts of a uid are joined by "_": "-" stands for a level there. A static pod's
	// is a hash.
	podUID = regexp.MustCompile(`pod([0-9a-f]{8}([-_])[0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?$`)
)

// Parse reads a /proc/PID/cgroup, of cgroup v1, v2 or both. Where containers are in one another, as the
// pods of kind's nodes, it is the innermost.
func Parse(cgroup string) (of Identity) {
	for line := range strings.Lines(cgroup) {
		// hierarchy:controllers:path; a path may have colons.
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		parts := strings.FieldsFunc(fields[2], func(r rune) bool { return r == '/' || r == ':' })
		here := Identity{}
		for _, p := range parts {
			if m := podUID.FindStringSubmatch(p); m != nil {
				here = Identity{PodUID: strings.ReplaceAll(m[1], "_", "-")}
			} else if name := containerID(p); name != "" {
				here.ID = name
			}
		}
		if of.ID == "" {
			of.ID = here.ID
		}
		if of.PodUID == "" {
			of.PodUID = here.PodUID
		}
	}
	return of
}

// containerID is a container's id in the name of one control group: ID, docker-ID.scope,
// cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope. The monitor of a container, which is outside,
// has its id too.
func containerID(group string) string {
	group = strings.TrimSuffix(group, ".scope")
	if id.MatchString(group) {
		return group
	}
	i := strings.LastIndexByte(group, '-')
	if i < 0 || strings.HasSuffix(group[:i], "-conmon") || !id.MatchString(group[i+1:]) {
		return ""
	}
	return group[i+1:]
}
