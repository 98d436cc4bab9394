package lab

import "runtime"

// onOwnThread runs fn on a thread that is thrown away afterwards, because fn leaves it in
// another namespace.
func onOwnThread(fn func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- fn()
	}()
	return <-done
}
