// Command guest is process 1 of a virtual machine of the kernel matrix. It makes a node with two pods
// out of network namespaces, and for each variant of the agent's hooks runs the real agent, sends
// requests from one pod to the other and writes a report.Run to the second serial port.
//
// The same program runs inside of the pods: `init serve` answers, `init call` asks.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/throughline-io/throughline/test/kernel/report"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "serve":
		err = serve()
	case len(os.Args) > 1 && os.Args[1] == "call":
		err = callAll()
	case len(os.Args) > 1 && os.Args[1] == "call-inside":
		err = callInside()
	default:
		if err = matrix(); err != nil {
			fmt.Println("init:", err)
		}
		// An init that ends would panic the kernel.
		err = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// matrix runs the agent once for each variant that the kernel's command line names.
func matrix() error {
	if err := mountAll(); err != nil {
		return err
	}
	if err := loadModules(); err != nil {
		return err
	}
	if err := makePods(); err != nil {
		return err
	}
	out, err := os.OpenFile("/dev/ttyS1", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	variants, err := asked("variants")
	if err != nil {
		return err
	}
	for _, variant := range variants {
		run := report.Run{Kernel: release(), Variant: variant}
		observe(&run)
		if err := json.NewEncoder(out).Encode(run); err != nil {
			return err
		}
	}
	return nil
}

// asked is a list of the kernel's command line: name=a,b.
func asked(name string) ([]string, error) {
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return nil, err
	}
	for _, word := range strings.Fields(string(line)) {
		if list, ok := strings.CutPrefix(word, name+"="); ok {
			return strings.Split(list, ","), nil
		}
	}
	return nil, fmt.Errorf("no %s=... on the kernel's command line", name)
}
