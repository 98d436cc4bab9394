package sys

import (
	"bufio"
	"bytes"
	"os"
	"path"
	"strings"
	"time"
)

// tlsProcess is what is known of a process's TLS.
type tlsProcess struct {
	off    bool      // it is not to be looked at
	caught bool      // a library of it has probes
	asked  time.Time // when its files were looked through last
	times  int       // how often they were
	looks  bool      // they are looked through, or will be
	moves  bool      // it moves records of TLS
	told   bool      // it was counted as one whose TLS cannot be read
}

// TLSConfig says whose TLS is seen. The zero value: nobody's.
type TLSConfig struct {
	On bool // everybody's
	// OffFor are programs, by the name that the kernel has of them (15 bytes), whose TLS is left alone.
	OffFor []string
}

func (t TLSConfig) offFor(comm string) bool {
	for _, name := range t.OffFor {
		if name[:min(len(name), 15)] == comm {
			return true
		}
	}
	return false
}

// mapped is a file that a process executes code of.
type mapped struct {
	path string // where it can be opened, whatever the process's mount namespace, also if it was deleted
	name string // as the process has it
}

// tlsNames begin the names of libraries that may have TLS in them.
var tlsNames = []string{"libssl", "libgnutls", "libnetty_tcnative", "libconscrypt", "libboringssl"}

// tlsFiles are the files of a process in which TLS may be: its executable, and libraries by their names.
func tlsFiles(pid uint32) ([]mapped, error) {
	exe := procPath(pid, "exe")
	name, err := os.Readlink(exe)
	if err != nil {
		return nil, err // gone
	}
	files := []mapped{{exe, name}}
	text, err := os.ReadFile(procPath(pid, "maps"))
	if err != nil {
		return files, nil
	}
	seen := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		fields := strings.Fields(lines.Text()) // addresses, rights, offset, device, inode, path
		if len(fields) < 6 || !strings.Contains(fields[1], "x") || seen[fields[5]] {
			continue
		}
		for _, begins := range tlsNames {
			if strings.HasPrefix(path.Base(fields[5]), begins) {
				seen[fields[5]] = true
				files = append(files, mapped{procPath(pid, "map_files/"+strings.TrimLeft(fields[0], "0")), fields[5]})
				break
			}
		}
	}
	return files, nil
}
