package tag

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := func(text, want string) {
		t.Helper()
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want it to say %q", text, err, want)
		}
	}
	f("entities: [{pod: a}]", "entity 1: no ip")
	f("entities: [{ip: 10.0.0.300}]", `"10.0.0.300" is not an address`)
	f("entities: [{ip: 10.0.0.1, pod: a}, {ip: 10.0.0.1, pod: b}]", "entity 2: address 10.0.0.1 is already that of pod a")
	f("entities: [{ip: 10.0.0.1, pod: a}, {ip: '::ffff:10.0.0.1', pod: b}]", "already that of pod a") // the same address
	f("entities: [{ip: 10.0.0.1, nmaespace: x}]", "nmaespace")
	f("entities: {}", "line 1")
	f("entities: []\n---\nentities: []", "more than one YAML document")
	f("\x00", "")
}

func TestEmptyFileKnowsNobody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "entities:\n", "# nothing yet\n"} {
		if m, err := Parse([]byte(text)); err != nil || len(m) != 0 {
			t.Errorf("%q: %d entities, error %v", text, len(m), err)
		}
	}
}

func TestReloadKeepsTheLastGoodFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "entities.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ip := netip.MustParseAddr("10.0.0.1")
	write("entities: [{ip: 10.0.0.1, pod: a}]")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := f.Version()

	write("entities: [{ip: 10.0.0.1, pod: bb}]")
	if !f.changed() {
		t.Error("a file of another size is not seen as changed")
	}
	if _, err := f.Reload(); err != nil {
		t.Fatal(err)
	}
	if e := f.Lookup(Question{Addr: ip}); e.Entity.Pod != "bb" || f.Version() == before {
		t.Errorf("after the reload: pod %q, version %d (was %d)", e.Entity.Pod, f.Version(), before)
	}

	write("entities: [{ip: 10.0.0.1, pod: ")
	if _, err := f.Reload(); err == nil || f.Err() == nil {
		t.Error("a broken file was taken")
	}
	if e := f.Lookup(Question{Addr: netip.MustParseAddr("::ffff:10.0.0.1")}); !e.Known || e.Entity.Pod != "bb" {
		t.Errorf("a broken file made the server forget: %v", e)
	}
	if f.changed() {
		t.Error("a broken file is read again and again")
	}
	if _, err := OpenFile(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a missing file is no error at the start")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(webshop))
	f.Add([]byte("entities: [{ip: 10.0.0.1, labels: {a: b}}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		for a, e := range m {
			if !a.IsValid() || e.ID == 0 || e.Type == "" {
				t.Errorf("address %v: %+v", a, e)
			}
		}
	})
}
