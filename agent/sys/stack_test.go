package sys

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"github.com/throughline-io/throughline/bpf"
)

// Before Linux 6.13 all functions of a program that are under way share a stack of 512 bytes, each in steps of 32; since
// then each has as much of its own, and the kernel that runs this does not refuse what those do.
func TestProgramsFitTheStackOfOlderKernels(t *testing.T) {
	t.Parallel()
	newBed(t) // needs root
	const room = 512
	specs := map[string]func() (*ebpf.CollectionSpec, error){"tls": bpf.LoadTLS}
	for _, one := range ladder(Auto) {
		specs[one.String()] = func() (*ebpf.CollectionSpec, error) {
			return spec(one, options{payload: payloadLimit, ring: 1 << 16})
		}
	}
	for name, load := range specs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := load()
			if err != nil {
				t.Fatal(err)
			}
			coll, err := ebpf.NewCollectionWithOptions(s, ebpf.CollectionOptions{Programs: ebpf.ProgramOptions{LogLevel: ebpf.LogLevelStats}})
			if err != nil {
				t.Fatal(err)
			}
			defer coll.Close()
			for name, program := range coll.Programs {
				f := functionsOf(t, s.Programs[name], program)
				if way, most := f.deepest(f.order[0]); most > room {
					t.Errorf("%s: functions take %d bytes of stack, %d at most fit: %s", name, most, room, strings.Join(way, " > "))
				} else {
					t.Logf("%s: %d bytes of stack: %s", name, most, strings.Join(way, " > "))
				}
			}
		})
	}
}

// functions are those of a program that the kernel has kept: it leaves out what nothing calls.
type functions struct {
	order []string            // as they lie in it
	calls map[string][]string // which others each calls
	stack map[string]int      // bytes that each takes
}

var stackDepth = regexp.MustCompile(`(?m)^stack depth ([0-9+]+)`)

// functionsOf takes which functions a program has, and from the verifier's log how much stack each takes.
func functionsOf(t *testing.T, spec *ebpf.ProgramSpec, loaded *ebpf.Program) functions {
	t.Helper()
	info, err := loaded.Info()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := info.FuncInfos()
	if err != nil {
		t.Fatal(err)
	}
	said := stackDepth.FindStringSubmatch(loaded.VerifierLog)
	if said == nil {
		t.Fatalf("%s: the verifier does not say how much stack it takes:\n%s", spec.Name, loaded.VerifierLog)
	}
	depths := strings.Split(said[1], "+")
	if len(depths) != len(kept) {
		t.Fatalf("%s: the verifier saw %d functions, and %d are kept", spec.Name, len(depths), len(kept))
	}
	f := functions{calls: map[string][]string{}, stack: map[string]int{}}
	for i, depth := range depths {
		n, err := strconv.Atoi(depth)
		if err != nil {
			t.Fatal(err)
		}
		name := kept[i].Func.Name
		f.order, f.stack[name] = append(f.order, name), max(n+31, 32)/32*32
	}
	of := ""
	for i := range spec.Instructions {
		ins := &spec.Instructions[i]
		if begins := btf.FuncMetadata(ins); begins != nil {
			of = begins.Name
		}
		if _, called := f.stack[ins.Reference()]; ins.IsFunctionCall() && called {
			f.calls[of] = append(f.calls[of], ins.Reference())
		}
	}
	return f
}

// deepest is the way from a function to one that it calls, and so on, that takes the most stack.
func (f functions) deepest(from string) (way []string, bytes int) {
	for _, to := range f.calls[from] {
		if w, n := f.deepest(to); n > bytes {
			way, bytes = w, n
		}
	}
	return append([]string{from + " " + strconv.Itoa(f.stack[from])}, way...), bytes + f.stack[from]
}
