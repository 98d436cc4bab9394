package sys

import (
	"errors"
	"strconv"
	"strings"
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

// A kernel that leaves programs out has hooks only that look for what it left out: others would lose calls, and nobody
// would know. Elsewhere spares would cost and find nothing.
func TestAKernelThatLeavesProgramsOut(t *testing.T) {
	t.Parallel()
	for _, v := range []Variant{Auto, TPBTF, Tracepoint} {
		for _, b := range suited(ladder(v), true) {
			if !b.mayMiss() {
				t.Errorf("%s is tried where the kernel leaves programs out", b)
			}
		}
		if first := suited(ladder(v), true)[0]; !first.spares {
			t.Errorf("%s is tried first where the kernel leaves programs out", first)
		}
		for _, b := range suited(ladder(v), false) {
			if b.spares {
				t.Errorf("%s is tried where the kernel runs every program", b)
			}
		}
	}
}

// What the kernel said to better hooks is known of those in use, and of all where none work.
func TestWhatTheKernelRefusedIsKnown(t *testing.T) {
	t.Parallel()
	refuse := errors.New("BPF program is too large")
	tries := ladder(TPBTF)
	p, err := best(tries, func(b build) (*programs, error) {
		if b.typed {
			return nil, refuse
		}
		return &programs{build: b}, nil
	})
	if err != nil || p.build != tries[2] || !errors.Is(p.refused, refuse) || strings.Count(p.refused.Error(), "too large") != 2 {
		t.Errorf("loaded %+v, %v", p, err)
	}
	if p, err := best(tries, func(b build) (*programs, error) { return &programs{build: b}, nil }); err != nil || p.refused != nil {
		t.Errorf("the best loads, refused %v, %v", p.refused, err)
	}
	if _, err := best(tries, func(build) (*programs, error) { return nil, refuse }); strings.Count(err.Error(), "too large") != len(tries) {
		t.Errorf("none loads: %v", err)
	}
}

// The verifier goes through a million instructions of a program at most, and each kernel counts others: what comes near
// here is too large elsewhere.
func TestProgramsAreFarFromTheVerifiersLimit(t *testing.T) {
	t.Parallel()
	newBed(t) // needs root
	const limit = 600_000
	for _, one := range ladder(Auto) {
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			p, err := load(Auto, options{payload: payloadLimit, ring: 1 << 16, only: &one})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			for name, program := range p.coll.Programs {
				info, err := program.Info()
				if err != nil {
					t.Fatal(err)
				}
				if n, known := info.VerifiedInstructions(); !known || n > limit {
					t.Errorf("%s: the verifier went through %d instructions (known: %t), want %d at most", name, n, known, limit)
				} else {
					t.Logf("%s: %d", name, n)
				}
			}
		})
	}
}
