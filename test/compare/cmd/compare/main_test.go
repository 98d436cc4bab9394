package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/trace"
	"github.com/throughline-io/throughline/pkg/trace/tracetest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	const expected = "../../../../testdata/expected-trace.json"
	dir := t.TempDir()
	file := func(name string, n int) string {
		doc, err := json.Marshal(trace.Print(trace.Assemble(tracetest.WebShop(1)[:n], trace.Options{}), tracetest.Entity))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, bad := file("good.json", 100), file("bad.json", 99)
	doc, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		stdin string
		says  string
		fails bool
	}{
		{[]string{expected, good, good}, "", "exact 2/2", false},
		{[]string{expected}, string(doc), "exact 1/1", false},
		{[]string{expected, good, bad}, "", "exact 1/2", true},
		{[]string{expected, bad}, "", "span 100 ", true},
		{[]string{expected}, "no trace", "", true},
		{[]string{filepath.Join(dir, "nothing")}, "", "", true},
		{nil, "", "", true},
	} {
		out := &strings.Builder{}
		err := run(c.args, strings.NewReader(c.stdin), out)
		if (err != nil) != c.fails || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v: %v, %q", c.args, err, out)
		}
	}
}
