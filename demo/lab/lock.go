package lab

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// Lock makes sure that there is one of something on the machine, whose labs would share namespaces and
// addresses; what is named in the error, as in "demo". It holds until it is closed, or the process ends.
func Lock(what string) (io.Closer, error) {
	file := "/run/throughline-" + what + ".lock"
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another %s is running on this machine (it holds %s): end it first", what, file)
	}
	return f, nil
}
