package container

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	one  = "3dd988081e7149463c043b5d9c57d7309e079c5e9290f91feba1cc45a04d6a5b"
	two  = "b6a7d5e2f3c4918273645546372819a0bcdef0123456789abcdef0123456789a"
	pod  = "08e8ff41-2a6b-4a3e-9d0c-0f1e2d3c4b5a"
	podU = "08e8ff41_2a6b_4a3e_9d0c_0f1e2d3c4b5a"
)

// The forms in which runtimes name control groups, by driver and version.
func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cgroup, id, pod string }{
		{"no container, v2", "0::/user.slice/user-1000.slice/session-1.scope\n", "", ""},
		{"no container, v1", "12:pids:/user.slice\n1:name=systemd:/init.scope\n0::/init.scope\n", "", ""},
		{"nothing", "", "", ""},
		{"not a cgroup file", "nonsense\n:::\n1:2\n", "", ""},

		{"docker, v1, cgroupfs", "12:pids:/docker/" + one + "\n1:name=systemd:/docker/" + one + "\n0::/system.slice/containerd.service\n", one, ""},
		{"docker, v1, systemd", "11:memory:/system.slice/docker-" + one + ".scope\n", one, ""},
		{"docker, v2, systemd", "0::/system.slice/docker-" + one + ".scope\n", one, ""},
		{"docker, v2, cgroupfs", "0::/docker/" + one + "\n", one, ""},
		{"docker, a group made inside", "0::/system.slice/docker-" + one + ".scope/init.scope\n", one, ""},
		{"docker, rootless", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + one + ".scope\n", one, ""},
		{"docker in docker", "9:cpuset:/docker/" + two + "/docker/" + one + "\n", one, ""},

		{"Kubernetes, docker, v1, cgroupfs", "11:memory:/kubepods/burstable/pod" + pod + "/" + one + "\n", one, pod},
		{"Kubernetes, guaranteed", "11:memory:/kubepods/pod" + pod + "/" + one + "\n", one, pod},
		{"Kubernetes, docker, v1, systemd", "10:cpu,cpuacct:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podU + ".slice/docker-" + one + ".scope\n", one, pod},
		{"Kubernetes, guaranteed, systemd", "0::/kubepods.slice/kubepods-pod" + podU + ".slice/cri-containerd-" + one + ".scope\n", one, pod},
		{"containerd, v2, systemd", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podU + ".slice/cri-containerd-" + one + ".scope\n", one, pod},
		{"containerd, v2, cgroupfs", "0::/kubepods/besteffort/pod" + pod + "/" + one + "\n", one, pod},
		{"containerd, colons", "1:name=systemd:/system.slice/containerd.service/kubepods-burstable-pod" + podU + ".slice:cri-containerd:" + one + "\n", one, pod},
		{"containerd, seen from another cgroup namespace", "0::/../../kubepods-burstable-pod" + podU + ".slice/cri-containerd-" + one + ".scope\n", one, pod},
		{"CRI-O, systemd", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podU + ".slice/crio-" + one + ".scope\n", one, pod},
		{"CRI-O, crun", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podU + ".slice/crio-" + one + ".scope/container\n", one, pod},
		{"CRI-O, cgroupfs", "4:memory:/kubepods/burstable/pod" + pod + "/crio-" + one + "\n", one, pod},
		{"CRI-O's monitor is no container", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podU + ".slice/crio-conmon-" + one + ".scope\n", "", pod},
		{"a static pod", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod6fd5dbd5f7dd6a1d4e8a2c4a5b3f9e21.slice/cri-containerd-" + one + ".scope\n", one, "6fd5dbd5f7dd6a1d4e8a2c4a5b3f9e21"},
		{"kind, v1", "11:memory:/docker/" + two + "/kubepods/burstable/pod" + pod + "/" + one + "\n", one, pod},
		{"kind, v2", "0::/system.slice/docker-" + two + ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod" + podU + ".slice/cri-containerd-" + one + ".scope\n", one, pod},
		{"kind's kubelet is the node's", "0::/system.slice/docker-" + two + ".scope/kubelet.slice/kubelet.service\n", two, ""},

		{"podman, systemd", "0::/machine.slice/libpod-" + one + ".scope\n", one, ""},
		{"podman, crun", "0::/machine.slice/libpod-" + one + ".scope/container\n", one, ""},
		{"podman, rootless", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + one + ".scope/container\n", one, ""},
		{"podman, cgroupfs", "0::/libpod_parent/libpod-" + one + "\n", one, ""},
		{"podman, a pod of its own", "0::/machine.slice/machine-libpod_pod_" + two + ".slice/libpod-" + one + ".scope\n", one, ""},
		{"podman's monitor is no container", "0::/machine.slice/libpod-conmon-" + one + ".scope\n", "", ""},

		{"ECS on EC2", "9:memory:/ecs/0123456789abcdef0123456789abcdef/" + one + "\n", one, ""},
		{"ECS on Fargate", "9:memory:/ecs/34dc0b5e626f2c5c4c5170e34b10e765/34dc0b5e626f2c5c4c5170e34b10e765-1234567890\n", "34dc0b5e626f2c5c4c5170e34b10e765-1234567890", ""},
	} {
		if got, want := Parse(c.cgroup), (Identity{c.id, c.pod}); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}

// A container is found by its id and by its pod's, as soon as it is there; what is not there does not
// make all processes be looked at again and again.
func TestTable(t *testing.T) {
	t.Parallel()
	table := Table{proc: t.TempDir()}
	process := func(pid int, cgroup string) {
		dir := filepath.Join(table.proc, fmt.Sprint(pid), "ns")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{"../cgroup": cgroup, "net": ""} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	process(1, "0::/init.scope\n")
	process(7, "0::/kubepods/besteffort/pod"+pod+"/"+one+"\n")
	want := inodeOf(filepath.Join(table.proc, "7/ns/net"))
	for _, name := range []string{one, pod} {
		if got, known := table.Namespace(name); !known || got != want || want == 0 {
			t.Errorf("%s: %d %v, want %d", name, got, known, want)
		}
	}
	process(8, "0::/docker/"+two+"\n")
	if _, known := table.Namespace(two); known {
		t.Error("all processes were looked at again at once")
	}
	table.looked = table.looked.Add(-lookAgain)
	if got, known := table.Namespace(two); !known || got != inodeOf(filepath.Join(table.proc, "8/ns/net")) {
		t.Errorf("%d %v", got, known)
	}
	if _, known := table.Namespace(strings.Repeat("0", 64)); known {
		t.Error("a container that there is not")
	}
}
