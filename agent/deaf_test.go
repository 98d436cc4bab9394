package agent

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A socket that became deaf and is handed to the next agent hears again.
func TestAnInheritedSocketIsNotDeaf(t *testing.T) {
	t.Parallel()
	l, err := listen("", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := deafen(l); err != nil {
		t.Fatal(err)
	}
	if c, err := net.DialTimeout("tcp", l.Addr().String(), 100*time.Millisecond); err == nil {
		c.Close()
		t.Error("it hears")
	}
	given := -1
	err = onSocket(l.(*net.TCPListener), func(fd int) (err error) {
		given, err = unix.Dup(fd)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var i inherited
	if err := i.add(given); err != nil {
		t.Fatal(err)
	}
	defer i.close()
	c, err := net.DialTimeout("tcp", l.Addr().String(), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}
