package tlslib

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// golden is a function of a real library or program, and where its calls are seen.
type golden struct {
	From, Name string
	Address    uint64
	Beside     map[string]uint64
	Code       string
	Want       []string
}

// places are where calls of a function are seen, as the golden file says it.
func (g golden) places(t *testing.T) (list []string) {
	t.Helper()
	code, err := hex.DecodeString(g.Code)
	if err != nil {
		t.Fatal(err)
	}
	r, err := takeApart(code)
	if err != nil {
		t.Fatal(err)
	}
	var functions []Function
	if role, is := goMethods[g.Name]; is {
		beside := map[string]place{}
		for name, at := range g.Beside {
			beside[name] = place{address: at}
		}
		functions = cheapInGo(role, 0, g.Address, code, beside)
	} else {
		role := symbolsOf[OpenSSL][g.Name] + symbolsOf[GnuTLS][g.Name]
		if inner, ok := r.wraps(g.Address, role); ok {
			return []string{fmt.Sprintf("calls %#x", inner)}
		}
		functions = r.places(role, 0)
	}
	for _, f := range functions {
		text := fmt.Sprintf("%s %+#x", f.Role, f.Offset)
		if f.AtReturn {
			text += " at return"
		}
		if f.Dear {
			text += " dear"
		}
		list = append(list, text)
	}
	return list
}

func goldens(t testing.TB) (list []golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/functions.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// The places that are chosen in real libraries, and in programs by each Go that has its arguments in registers, are those that
// a look at the disassembly gives.
func TestPlacesInRealLibraries(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		if got := g.places(t); !slices.Equal(got, g.Want) {
			t.Errorf("%s of %s: %v, want %v", g.Name, g.From, got, g.Want)
		}
	}
}

// A place is taken only if each call passes it, once, with its arguments, and the end of a call with its result.
func TestPlacesInCode(t *testing.T) {
	t.Parallel()
	const (
		testSize = "85 d2 "                      // test %edx,%edx
		room     = "48 83 ec 18 "                // sub $0x18,%rsp
		call     = "e8 00 01 00 00 "             // call
		guard    = "64 48 2b 14 25 28 00 00 00 " // sub %fs:0x28,%rdx
		leave    = "48 83 c4 18 "                // add $0x18,%rsp
		ret      = "c3 "
	)
	dear := "c_read +0x0 dear c_return +0x0 at return dear"
	for _, c := range []struct{ what, code, want string }{
		{"a push", "53 5b c3", "c_read +0x0 c_return +0x0 at return"},
		{"behind what a call by address needs", "f3 0f 1e fa 41 57 41 5f c3", "c_read +0x4 c_return +0x4 at return"},
		{"a jump before anything", testSize + "78 01 90 c3", "c_read +0x2 c_return +0x2 at return"},
		{"with room on the stack a return is not where a return probe looks for it", room + call + leave + ret, dear},
		{"but for the guard of the stack", room + testSize + "78 01 90 " + call + guard + "75 05 " + leave + ret + call, "c_read +0x6 c_return +0x17"},
		{"the look at another word is no guard", room + testSize + "78 01 90 " + call + "64 48 2b 14 25 30 00 00 00 " + "75 05 " + leave + ret + call, dear},
		{"the result comes behind the guard", room + testSize + "78 01 90 " + call + guard + "75 07 31 c0 " + leave + ret + call, dear},
		{"a return without the guard", room + testSize + "78 01 c3 " + call + guard + "75 05 " + leave + ret + call, dear},
		{"a jump over the guard's", room + testSize + "78 11 90 " + call + guard + "75 05 " + leave + ret + call, dear},
		{"it may go on in another function", room + testSize + "78 7f 90 " + call + guard + "75 05 " + leave + ret + call, dear},
		{"an argument is another one by then", "31 f6 53 5b c3", dear},
		{"a part of one", "40 b6 01 53 5b c3", dear},
		{"an instruction that is not known to leave them", "0f a2 53 5b c3", dear},
		{"a jump back to behind the begin", "85 d2 78 fc c3", "c_read +0x2 c_return +0x2 at return"},
		{"a jump back to it", "85 d2 75 fe c3", dear},
		{"no jump, call or push", "48 89 f8 c3", dear},
		{"what no instruction is", "06 53 c3", dear},
	} {
		code, err := hex.DecodeString(strings.ReplaceAll(c.code, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		r, _ := takeApart(code)
		var got []string
		for _, f := range r.places(Read, 0) {
			got = append(got, fmt.Sprintf("%s %+#x%s%s", f.Role, f.Offset, map[bool]string{true: " at return"}[f.AtReturn], map[bool]string{true: " dear"}[f.Dear]))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// What the libraries of this machine give is emulated where probes are set, whatever their version.
func TestCheapOnThisMachine(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Log("on arm64 all are dear")
		return
	}
	libraries, _ := filepath.Glob("/usr/lib/*/libssl.so.*")
	for _, path := range libraries {
		_, functions, err := find(t, path)
		if err != nil || Dear(functions) {
			t.Errorf("%s: %+v, %v", path, functions, err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range functions {
			if f.Role != Free && !emulated(data[f.Offset:f.Offset+2]) {
				t.Errorf("%s: %s at %#x is not emulated: % x", path, f.Role, f.Offset, data[f.Offset:f.Offset+8])
			}
		}
	}
	if len(libraries) == 0 {
		t.Error("no libssl: install libssl3")
	}
}

// Whatever code is, looking through it ends, and gives places within it.
func FuzzPlaces(f *testing.F) {
	for _, g := range goldens(f) {
		code, _ := hex.DecodeString(g.Code)
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		r, err := takeApart(code)
		if err != nil {
			return
		}
		var functions []Function
		for _, role := range []Role{Read, WriteEx, WriteEx2} {
			functions = append(functions, r.places(role, 0)...)
			r.wraps(0, role)
		}
		beside := map[string]place{goMove: {address: uint64(len(code) / 2)}, goRecord: {address: uint64(len(code) / 3)}}
		functions = append(functions, cheapInGo(GoRead, 0, 0, code, beside)...)
		functions = append(functions, cheapInGo(GoWrite, 0, 0, code, beside)...)
		for _, f := range functions {
			if f.Offset > uint64(len(code)) || !f.Dear && !emulated(code[f.Offset:]) {
				t.Errorf("%+v", f)
			}
		}
	})
}

// A Go program of another processor has its probes at the begin and the returns.
func TestDearOnARM64(t *testing.T) {
	t.Parallel()
	f := &elf.File{FileHeader: elf.FileHeader{Machine: elf.EM_AARCH64}}
	code := []byte{0x90, 0x0b, 0x40, 0xf9, 0xc0, 0x03, 0x5f, 0xd6}
	f.Progs = []*elf.Prog{{ProgHeader: elf.ProgHeader{Type: elf.PT_LOAD, Flags: elf.PF_X, Vaddr: 0x1000, Filesz: uint64(len(code))}, ReaderAt: bytes.NewReader(code)}}
	got, err := ofMethod(f, GoRead, place{0x1000, uint64(len(code))}, nil)
	if err != nil || !slices.Equal(got, []Function{{Role: GoRead, Dear: true}, {Role: GoReturns, Offset: 4, Dear: true}}) {
		t.Errorf("%+v, %v", got, err)
	}
}
