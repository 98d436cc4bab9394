package sys

import (
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseVariant(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Variant{"": Auto, "auto": Auto, "tp_btf": TPBTF, "tracepoint": Tracepoint} {
		if got, err := ParseVariant(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := ParseVariant("kprobe"); err == nil {
		t.Error("kprobe was taken")
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{Payload: 10}, {Payload: 1 << 20}, {Ring: 3 << 20}, {Ring: 4096}} {
		if err := c.fillIn(); err == nil {
			t.Errorf("payload %d and ring %d were taken", c.Payload, c.Ring)
		}
	}
}

func TestIsWaiting(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"running": false, "-1 0x7ffe 0x55\n": false, "": false,
		"999 0x1 0x2": false, strconv.Itoa(unix.SYS_READ) + " 0x3 0x4\n": true, strconv.Itoa(unix.SYS_WRITE) + " 0x3 0x4\n": false,
	} {
		if isWaiting(line, waitingReads) != want {
			t.Errorf("%q: %t", line, !want)
		}
	}
}
