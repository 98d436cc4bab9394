package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFlag is FS_SYNC_FL of linux/fs.h.
const syncFlag = 0x8

// writeSynchronously makes each write to a folder's files durable before it returns (chattr +S; files
// that are made there later have it from the folder). Not every file system can.
func writeSynchronously(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	if flags&syncFlag != 0 {
		return nil
	}
	return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|syncFlag)
}
